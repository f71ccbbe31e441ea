package io.headrace.inference.runtime;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Usage;

/**
 * What becomes of a request after its prompt: which tokens to compute, and what their logits mean.
 * One implementation for each kind of output. Owned by the engine's thread; calls no native code.
 *
 * <p>{@link #begin} once, then {@link #demand} and {@link #accept} in turns until {@link #isDone}.
 */
interface Decoding {

    /**
     * How much of a step is left for one demand.
     *
     * @param rows rows and cells
     * @param outputs rows whose logits are read
     * @param leaves leaves of scoring trees
     * @param drafts those of the rows that guesses may take
     */
    record Allowance(int rows, int outputs, int leaves, int drafts) {}

    /** Returns tokens that must come first whatever the model says; they are computed as prompt. */
    default int[] forcedPrefix() {
        return new int[0];
    }

    /** Reads the logits after the prompt and the forced prefix, as row 0. */
    void begin(Logits logits);

    boolean isDone();

    /**
     * Returns what to compute next, within the allowance; null to wait for a step with more room.
     */
    Demand demand(Allowance allowance);

    /**
     * Reads what came of the last demand.
     *
     * @return how many tokens at its end were wrong guesses, which the sequence must forget
     */
    int accept(Logits logits);

    /** Returns the most cells that it may still need at once, behind the forced prefix. */
    int cellsToCome();

    /** Returns the tokens generated, forced or scored so far. */
    int outputTokens();

    /** Returns how often a constraint was asked which tokens may follow. */
    default int masks() {
        return 0;
    }

    /** Returns how long those answers took. */
    default long maskNanos() {
        return 0;
    }

    /** Returns how many tokens were guessed. */
    default int draftedTokens() {
        return 0;
    }

    /** Returns how many of them the model chose too. */
    default int acceptedTokens() {
        return 0;
    }

    /** Returns how the request ended, once it is done. */
    InferenceResult result(Usage usage);
}
