package io.headrace.inference.runtime;

import io.headrace.inference.constraint.TokenVocabulary;

/** What decoding needs to know of a model's tokens. Immutable and thread-safe. */
public interface Vocabulary extends TokenVocabulary {

    /** Returns the tokens that end a turn, at least one. */
    int[] endOfTurn();

    /** Splits a text into tokens; nothing is added, and control tokens in it are plain text. */
    int[] tokenize(String text);
}
