package io.headrace.inference.llama;

import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The tokens of a model, and text as tokens. Thread-safe while the model is open. */
final class LlamaVocabulary {

    private static final int SENTENCE_PIECE = 1;
    private static final int USER_DEFINED = 1 << 4;

    private final Pointer handle;
    private final int size;
    private final byte[][] bytes;
    private final boolean[] control;
    private final int[] endOfTurn;

    LlamaVocabulary(Pointer handle) {
        this.handle = handle;
        this.size = LlamaNative.llama_vocab_n_tokens(handle);
        this.bytes = new byte[size][];
        this.control = new boolean[size];
        int[] ends = new int[size];
        int count = 0;
        for (int token = 0; token < size; token++) {
            control[token] = LlamaNative.llama_vocab_is_control(handle, token) != 0;
            bytes[token] = readBytes(token, false);
            if (LlamaNative.llama_vocab_is_eog(handle, token) != 0) {
                ends[count++] = token;
            }
        }
        this.endOfTurn = Arrays.copyOf(ends, count);
    }

    int size() {
        return size;
    }

    /** Returns the bytes that a token stands for; empty for control tokens. Not to be changed. */
    byte[] bytes(int token) {
        return bytes[token];
    }

    /** Returns the text of a token, control tokens included. */
    byte[] text(int token) {
        return readBytes(token, true);
    }

    boolean isControl(int token) {
        return control[token];
    }

    /**
     * Returns whether a token is taken whole wherever its text stands, also in plain text, although
     * it is no control token.
     */
    boolean isUserDefined(int token) {
        return (LlamaNative.llama_vocab_get_attr(handle, token) & USER_DEFINED) != 0;
    }

    /** Returns the tokens that end a turn, in ascending order. */
    int[] endOfTurn() {
        return endOfTurn.clone();
    }

    /** Returns the token that begins a text, or -1. */
    int beginOfText() {
        return LlamaNative.llama_vocab_bos(handle);
    }

    /** Returns the token that ends a text, or -1. */
    int endOfText() {
        return LlamaNative.llama_vocab_eos(handle);
    }

    /** Returns whether prompts for this model begin with {@link #beginOfText()}. */
    boolean addsBeginOfText() {
        return LlamaNative.llama_vocab_get_add_bos(handle) != 0;
    }

    /** Returns whether this is a SentencePiece vocabulary, which may put a space before a text. */
    boolean isSentencePiece() {
        return LlamaNative.llama_vocab_type(handle) == SENTENCE_PIECE;
    }

    /**
     * Splits a text into tokens; nothing is added around it.
     *
     * @param parseSpecial whether control tokens written in the text are taken as such
     */
    int[] tokenize(String text, boolean parseSpecial) {
        if (text.isEmpty()) {
            return new int[0];
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int[] tokens = new int[utf8.length + 8];
        int count = tokenize(utf8, tokens, parseSpecial);
        if (count < 0) {
            if (count == Integer.MIN_VALUE) {
                throw new IllegalArgumentException("the text is too long to tokenize");
            }
            tokens = new int[-count];
            count = tokenize(utf8, tokens, parseSpecial);
        }
        return Arrays.copyOf(tokens, count);
    }

    private int tokenize(byte[] utf8, int[] tokens, boolean parseSpecial) {
        return LlamaNative.llama_tokenize(
                handle,
                utf8,
                utf8.length,
                tokens,
                tokens.length,
                (byte) 0,
                (byte) (parseSpecial ? 1 : 0));
    }

    private byte[] readBytes(int token, boolean special) {
        byte[] buffer = new byte[64];
        int length = piece(token, buffer, special);
        if (length < 0) {
            buffer = new byte[-length];
            length = piece(token, buffer, special);
        }
        return Arrays.copyOf(buffer, Math.max(length, 0));
    }

    private int piece(int token, byte[] buffer, boolean special) {
        return LlamaNative.llama_token_to_piece(
                handle, token, buffer, buffer.length, 0, (byte) (special ? 1 : 0));
    }
}
