package io.headrace.inference.constraint;

/**
 * A point in an output: what was written so far is fixed, what may follow is known. Immutable and
 * thread-safe.
 *
 * <p>No reachable state is a dead end: from each one the output can be completed, byte by byte. A
 * vocabulary that holds all 256 single bytes therefore has an allowed token in every state that is
 * not {@link #complete()}. With a vocabulary that lacks bytes the mask can be empty earlier (no
 * token spells the closing quote, say); {@link #shortestCompletion()} then still ends the output.
 */
public interface ConstraintState {

    /** The tokens that may come next. The same object for equal states, as far as it is cached. */
    TokenMask mask();

    /** Whether a token may come next: what the mask says, for a single token and without it. */
    boolean allows(int token);

    /**
     * The state after a token.
     *
     * @throws IllegalArgumentException when the token is not allowed here
     */
    ConstraintState accept(int token);

    /**
     * What a token that is allowed here adds to the output: its bytes, without the space that may
     * stand before a span (see {@link JsonConstraint}).
     *
     * @throws IllegalArgumentException when the token is not allowed here
     */
    byte[] written(int token);

    /**
     * The state after a text of the output, which need not end where a token ends.
     *
     * @throws IllegalArgumentException when the text is not allowed here
     */
    ConstraintState acceptText(String text);

    /**
     * The longest text that must follow. It ends before the first choice, also a choice that begins
     * inside a character; it is empty where there is a choice at once, where the output could end
     * here, and inside a character.
     */
    String forcedText();

    /** Whether nothing can follow: the value is complete and the turn must end. */
    boolean complete();

    /**
     * Whether the value may end here. The same as {@link #complete()} except where the whole output
     * is a bare number (or a union that holds one), which could be followed by more digits.
     */
    boolean canEnd();

    /** Whether the output so far ends inside a character, between two of its UTF-8 bytes. */
    boolean insideCharacter();

    /**
     * A text that completes the value from here, with as few characters in each string and as few
     * items and optional properties as the schema allows; empty when {@link #canEnd()}.
     *
     * @throws IllegalStateException inside a character, where no text can follow: use {@link
     *     #shortestCompletionBytes()}
     */
    String shortestCompletion();

    /** The UTF-8 bytes of {@link #shortestCompletion()}; defined inside a character too. */
    byte[] shortestCompletionBytes();
}
