package io.headrace.inference.llama;

import static java.util.stream.Collectors.joining;

import io.headrace.inference.Prompt;
import io.headrace.inference.chat.ChatTemplate;
import io.headrace.inference.chat.PromptPiece;
import io.headrace.inference.runtime.PromptTokens;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prompts as tokens, each piece by itself. Pieces that are shared by many prompts (markup and
 * instructions) are split once and remembered. Thread-safe.
 */
final class LlamaPrompts {

    private static final int REMEMBERED_PIECES = 256;

    /**
     * SentencePiece vocabularies put a space before a text; behind this prefix they do not, and its
     * own tokens can be cut off again.
     */
    private static final String LINE_BREAK = "\n";

    private final LlamaVocabulary vocabulary;
    private final ChatTemplate template;
    private final boolean cutSpace;

    /**
     * What the template mentions and llama.cpp takes whole in plain text too, by token; some makers
     * declare parts of their markup so.
     */
    private final Map<Integer, String> markers = new HashMap<>();

    private final Pattern anyMarker;

    private final Map<PromptPiece, int[]> remembered =
            Collections.synchronizedMap(
                    new LinkedHashMap<>(16, 0.75f, true) {
                        private static final long serialVersionUID = 1;

                        @Override
                        protected boolean removeEldestEntry(Map.Entry<PromptPiece, int[]> eldest) {
                            return size() > REMEMBERED_PIECES;
                        }
                    });

    /**
     * @param addsSpace whether the tokenizer puts a space before a text
     */
    LlamaPrompts(LlamaVocabulary vocabulary, ChatTemplate template, boolean addsSpace) {
        this.vocabulary = vocabulary;
        this.template = template;
        this.cutSpace = addsSpace;
        for (int token = 0; token < vocabulary.size(); token++) {
            if (vocabulary.isUserDefined(token)) {
                String text = new String(vocabulary.text(token), StandardCharsets.UTF_8);
                if (isMarkup(text) && template.mentions(text)) {
                    markers.put(token, text);
                }
            }
        }
        this.anyMarker =
                Pattern.compile(
                        markers.values().stream().map(Pattern::quote).collect(joining("|")));
    }

    /** Returns whether this is more than blanks, a letter or a word. */
    private static boolean isMarkup(String text) {
        return text.strip().length() > 1 && !Character.isLetterOrDigit(text.strip().charAt(0));
    }

    PromptTokens tokenize(Prompt prompt) {
        List<PromptPiece> pieces = template.render(prompt);
        int userPieces = prompt.user().size();
        int firstUser = pieces.size() - 1 - userPieces;
        int[] tokens = new int[256];
        int count = 0;
        int[] boundaries = new int[userPieces];
        for (int i = 0; i < pieces.size(); i++) {
            PromptPiece piece = pieces.get(i);
            if (i >= firstUser && i < firstUser + userPieces) {
                boundaries[i - firstUser] = count;
            }
            boolean shared = i < firstUser || piece.isMarkup();
            int[] part = shared ? remember(piece) : split(piece);
            if (i == 0) {
                part = withBeginOfText(part);
            }
            if (count + part.length > tokens.length) {
                tokens = Arrays.copyOf(tokens, Math.max(2 * tokens.length, count + part.length));
            }
            System.arraycopy(part, 0, tokens, count, part.length);
            count += part.length;
        }
        return new PromptTokens(Arrays.copyOf(tokens, count), distinct(boundaries));
    }

    /** Splits a text that follows others, as plain text. */
    int[] tokenizeContent(String text) {
        return split(new PromptPiece(text, false));
    }

    private int[] remember(PromptPiece piece) {
        int[] known = remembered.get(piece);
        if (known == null) {
            known = split(piece);
            remembered.put(piece, known);
        }
        return known;
    }

    private int[] split(PromptPiece piece) {
        int[] tokens = split(piece.text(), piece.isMarkup());
        boolean marked = Arrays.stream(tokens).anyMatch(markers::containsKey);
        return piece.isMarkup() || !marked ? tokens : withoutMarkers(piece.text());
    }

    /** Returns whether a token is markup, which no content may hold. */
    boolean isMarkup(int token) {
        return vocabulary.isControl(token) || markers.containsKey(token);
    }

    /** Splits a text that is cut behind the first letter of every marker, so that none is whole. */
    private int[] withoutMarkers(String text) {
        List<int[]> parts = new ArrayList<>();
        Matcher matcher = anyMarker.matcher(text);
        int from = 0;
        while (matcher.find(from)) {
            int cut = text.offsetByCodePoints(matcher.start(), 1);
            parts.add(split(text.substring(from, cut), false));
            from = cut;
        }
        parts.add(split(text.substring(from), false));
        return parts.stream().flatMapToInt(Arrays::stream).toArray();
    }

    private int[] split(String text, boolean isMarkup) {
        if (!cutSpace || text.isEmpty()) {
            return vocabulary.tokenize(text, isMarkup);
        }
        int prefix = vocabulary.tokenize(LINE_BREAK, false).length;
        int[] tokens = vocabulary.tokenize(LINE_BREAK + text, isMarkup);
        return Arrays.copyOfRange(tokens, prefix, tokens.length);
    }

    private int[] withBeginOfText(int[] first) {
        int begin = vocabulary.beginOfText();
        if (!vocabulary.addsBeginOfText() || begin < 0 || (first.length > 0 && first[0] == begin)) {
            return first;
        }
        int[] longer = new int[first.length + 1];
        longer[0] = begin;
        System.arraycopy(first, 0, longer, 1, first.length);
        return longer;
    }

    private static int[] distinct(int[] ascending) {
        return Arrays.stream(ascending).filter(boundary -> boundary > 0).distinct().toArray();
    }
}
