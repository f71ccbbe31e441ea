package io.headrace.inference.testing;

import java.util.ArrayList;
import java.util.List;

/** A small vocabulary of one kind, with a family's own special tokens, as GGUF metadata. */
final class TestTokenizer {

    /** Llama 2, Mistral and Gemma: pieces with scores, and a token for each byte. */
    static final String SENTENCE_PIECE = "llama";

    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int BYTE = 6;

    private final int size;
    private final List<String> tokens = new ArrayList<>();
    private final List<Integer> types = new ArrayList<>();
    private final List<Float> scores = new ArrayList<>();
    private final List<Integer> special = new ArrayList<>();

    TestTokenizer(int size) {
        this.size = size;
    }

    /** Returns the places of the control tokens. */
    List<Integer> special() {
        return special;
    }

    /**
     * Adds a byte-level vocabulary behind which the special tokens stand.
     *
     * @param preTokenizer llama.cpp's name for how text is cut before pairs are merged
     * @param userDefined tokens that are always taken whole, but are no control tokens
     */
    void bytePairs(
            GgufWriter gguf,
            String preTokenizer,
            List<String> control,
            List<String> userDefined,
            long seed) {
        BytePairs pairs = new BytePairs(size - 256 - control.size() - userDefined.size(), seed);
        pairs.tokens().forEach(token -> add(token, NORMAL, 0));
        userDefined.forEach(token -> add(token, USER_DEFINED, 0));
        control.forEach(token -> add(token, CONTROL, 0));
        gguf.put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.pre", preTokenizer)
                .put("tokenizer.ggml.tokens", tokens)
                .put("tokenizer.ggml.token_type", types)
                .put("tokenizer.ggml.merges", pairs.merges());
    }

    /** Adds a SentencePiece vocabulary that begins with the special tokens. */
    void sentencePieces(GgufWriter gguf, List<String> control, long seed) {
        for (String token : control) {
            add(token, token.equals("<unk>") ? UNKNOWN : CONTROL, 0);
        }
        for (int value = 0; value < 256; value++) {
            add("<0x%02X>".formatted(value), BYTE, 0);
        }
        for (String token : new BytePairs(1000, seed).tokens()) {
            String piece = token.replace('\u0120', '\u2581');
            boolean plain = piece.chars().allMatch(c -> c == '\u2581' || (c >= '!' && c <= '~'));
            if (plain && tokens.size() < size && !tokens.contains(piece)) {
                add(piece, NORMAL, -tokens.size());
            }
        }
        while (tokens.size() < size) {
            add("\u2581p" + tokens.size(), NORMAL, -tokens.size());
        }
        gguf.put("tokenizer.ggml.model", SENTENCE_PIECE)
                .put("tokenizer.ggml.pre", "default")
                .put("tokenizer.ggml.tokens", tokens)
                .put("tokenizer.ggml.token_type", types)
                .put("tokenizer.ggml.scores", scores);
    }

    /** Names a special token by its text, for instance as {@code bos}. */
    void name(GgufWriter gguf, String role, String text) {
        gguf.put("tokenizer.ggml." + role + "_token_id", tokens.indexOf(text));
    }

    private void add(String token, int type, float score) {
        if (type == CONTROL || type == UNKNOWN || type == USER_DEFINED) {
            special.add(tokens.size());
        }
        tokens.add(token);
        types.add(type);
        scores.add(score);
    }
}
