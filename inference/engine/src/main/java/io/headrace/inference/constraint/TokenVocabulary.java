package io.headrace.inference.constraint;

/** What the tokens of a model spell. Immutable and thread-safe. */
public interface TokenVocabulary {

    /** The number of tokens; tokens are numbered from 0. */
    int size();

    /**
     * The UTF-8 bytes that a token adds to the text. They may begin or end inside a character. An
     * empty array means that the token adds nothing, and it is then never allowed.
     */
    byte[] bytes(int token);

    /** Whether a token steers the model instead of writing text; such a token is never allowed. */
    boolean isControl(int token);
}
