package io.headrace.inference.testing;

import io.headrace.inference.testing.TokenizerKind.Spelling;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A small vocabulary of one kind, with the kind's own special tokens, as GGUF metadata. */
final class TestTokenizer {

    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int BYTE = 6;
    static final char SPACE = '\u2581';

    /**
     * Pairs that show where a text is cut before pairs are merged: digits, a space and a digit, two
     * words in one, a syllabic sign and a letter, an apostrophe and a letter, a letter and its
     * mark.
     */
    private static final List<List<String>> AT_BORDERS =
            List.of(
                    List.of("7", "7"),
                    List.of("77", "7"),
                    List.of("77", "77"),
                    List.of(" ", "7"),
                    List.of("l", "C"),
                    List.of("\u4e16", "a"),
                    List.of("'", "s"),
                    List.of("e", "\u0301"));

    private final TokenizerKind kind;
    private final List<String> tokens = new ArrayList<>();
    private final List<Integer> types = new ArrayList<>();
    private final List<Float> scores = new ArrayList<>();
    private final List<String> merges = new ArrayList<>();
    private final List<Integer> special = new ArrayList<>();

    TestTokenizer(TokenizerKind kind, int size, long seed) {
        this.kind = kind;
        if (kind.spelling() == Spelling.BYTE_PAIRS) {
            bytePairs(size, seed);
        } else {
            pieces(size, seed);
        }
    }

    /** Returns the places of the control tokens. */
    List<Integer> special() {
        return special;
    }

    /** Byte-level pairs, behind which the special tokens stand. */
    private void bytePairs(int size, long seed) {
        int others = kind.control().size() + kind.userDefined().size();
        BytePairs pairs = new BytePairs(size - 256 - others, seed, AT_BORDERS);
        pairs.tokens().forEach(token -> add(token, NORMAL));
        kind.userDefined().forEach(token -> add(token, USER_DEFINED));
        kind.control().forEach(token -> add(token, CONTROL));
        merges.addAll(pairs.merges());
    }

    /** Special tokens, a token for each byte, and pieces of text with a letter for the space. */
    private void pieces(int size, long seed) {
        for (String token : kind.control()) {
            add(token, token.equals("<unk>") ? UNKNOWN : CONTROL);
        }
        kind.userDefined().forEach(token -> add(token, USER_DEFINED));
        for (int value = 0; value < 256; value++) {
            add("<0x%02X>".formatted(value), BYTE);
        }
        BytePairs pairs = new BytePairs(1000, seed);
        Set<String> known = new HashSet<>(tokens);
        for (String token : pairs.tokens()) {
            String piece = withSpaces(token);
            if (isPlain(piece) && tokens.size() < size && known.add(piece)) {
                add(piece, NORMAL);
            }
        }
        while (tokens.size() < size) {
            add(SPACE + "p" + tokens.size(), NORMAL);
        }
        for (String merge : pairs.merges()) {
            int gap = merge.indexOf(' ');
            String left = withSpaces(merge.substring(0, gap));
            String right = withSpaces(merge.substring(gap + 1));
            if (known.contains(left) && known.contains(right) && known.contains(left + right)) {
                merges.add(left + " " + right);
            }
        }
    }

    private static String withSpaces(String token) {
        return token.replace(BytePairs.SPACE, SPACE);
    }

    private static boolean isPlain(String piece) {
        return piece.chars().allMatch(c -> c == SPACE || (c >= '!' && c <= '~'));
    }

    void write(GgufWriter gguf) {
        gguf.put("tokenizer.ggml.model", kind.spelling().model())
                .put("tokenizer.ggml.pre", kind.preTokenizer())
                .put("tokenizer.ggml.tokens", tokens)
                .put("tokenizer.ggml.token_type", types);
        switch (kind.spelling()) {
            case SENTENCE_PIECE, SENTENCE_PIECE_AS_IT_IS ->
                    gguf.put("tokenizer.ggml.scores", scores)
                            .put(
                                    "tokenizer.ggml.add_space_prefix",
                                    kind.spelling() == Spelling.SENTENCE_PIECE);
            case CHARACTER_PAIRS, BYTE_PAIRS -> gguf.put("tokenizer.ggml.merges", merges);
        }
    }

    /** Names a special token by its text, for instance as {@code bos}. */
    void name(GgufWriter gguf, String role, String text) {
        gguf.put("tokenizer.ggml." + role + "_token_id", tokens.indexOf(text));
    }

    private void add(String token, int type) {
        if (type == CONTROL || type == UNKNOWN || type == USER_DEFINED) {
            special.add(tokens.size());
        }
        scores.add(type == NORMAL ? -(float) tokens.size() : 0);
        tokens.add(token);
        types.add(type);
    }
}
