package io.headrace.inference.runtime;

/** What decoding needs to know of a model's tokens. Immutable and thread-safe. */
public interface Vocabulary {

    int size();

    /** Returns the bytes that a token stands for; empty for control tokens. Not to be changed. */
    byte[] bytes(int token);

    /** Returns whether a token has a meaning for the model but no text. */
    boolean isControl(int token);

    /** Returns the tokens that end a turn, at least one. */
    int[] endOfTurn();

    /** Splits a text into tokens; nothing is added, and control tokens in it are plain text. */
    int[] tokenize(String text);
}
