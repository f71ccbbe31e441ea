package io.headrace.inference.runtime;

import io.headrace.inference.logits.LogitRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tokens that one request guesses from its own prompt, to be computed in one step with what is sure
 * and kept as far as the model chooses the same (prompt-lookup decoding). Every token is chosen
 * from its own logits as without drafts, so the output is the same wherever the logits are.
 *
 * <p>A request whose guesses are wrong too often makes no more. Owned by the engine's thread.
 */
final class Drafts {

    /** After so many guessed tokens it is judged whether guessing pays. */
    private static final int TRIAL = 8;

    /** The least share of right guesses: four rows take as long as two to three steps of one. */
    private static final double WORTH = 0.5;

    /** Chooses the next token from its logits. */
    @FunctionalInterface
    interface Choice {
        /** Returns it with the tokens that are forced behind it; empty where the output ends. */
        int[] from(LogitRow logits);
    }

    /** Follows a guess through the output's rules. */
    @FunctionalInterface
    interface Walk {
        /** Returns the tokens forced behind this one; null where it may not stand there. */
        int[] after(int token);
    }

    private final Vocabulary vocabulary;
    private final int[] prompt;
    private final int from;
    private final int most;
    private final byte[] tail = new byte[PromptLookup.MOST_BYTES];
    private int tailLength;
    private PromptLookup lookup;
    private List<int[]> guesses = List.of();
    private int drafted;
    private int accepted;

    /**
     * @param most the most tokens guessed for a step; 0 for none
     */
    Drafts(PromptTokens prompt, Vocabulary vocabulary, int most) {
        this.vocabulary = vocabulary;
        this.prompt = prompt.tokens();
        this.from = prompt.boundaries().length == 0 ? 0 : prompt.boundaries()[0];
        this.most = most;
    }

    /** Takes note of what the output goes on with. */
    void wrote(byte[] bytes) {
        if (most == 0) {
            return;
        }
        int added = Math.min(bytes.length, tail.length);
        int kept = Math.min(tailLength, tail.length - added);
        System.arraycopy(tail, tailLength - kept, tail, 0, kept);
        System.arraycopy(bytes, bytes.length - added, tail, kept, added);
        tailLength = kept + added;
    }

    /**
     * Returns a demand of tokens and, as far as there is room, guesses behind them.
     *
     * @param sure tokens that fit into the allowance
     * @param cells how many tokens may come behind these
     */
    Demand.Append append(int[] sure, Decoding.Allowance allowance, int cells, Walk walk) {
        int room = Math.min(Math.min(most, allowance.drafts()), allowance.rows() - sure.length);
        guess(Math.min(room, cells), allowance.outputs() - 1, walk);
        int length = sure.length + guessedTokens(0);
        int[] tokens = Arrays.copyOf(sure, length);
        int[] read = new int[guesses.size() + 1];
        int end = sure.length;
        read[0] = end - 1;
        for (int place = 0; place < guesses.size(); place++) {
            int[] guess = guesses.get(place);
            System.arraycopy(guess, 0, tokens, end, guess.length);
            end += guess.length;
            read[place + 1] = end - 1;
        }
        return new Demand.Append(tokens, read);
    }

    private void guess(int rows, int outputs, Walk walk) {
        guesses = List.of();
        if (rows <= 0 || outputs <= 0 || !pays()) {
            return;
        }
        if (lookup == null) {
            lookup = new PromptLookup(prompt, from, vocabulary);
        }
        int place = lookup.find(tail, tailLength);
        if (place < 0) {
            return;
        }
        List<int[]> found = new ArrayList<>();
        int left = rows;
        boolean copies = true;
        while (copies && left > 0 && found.size() < outputs && place < lookup.size()) {
            int[] forced = walk.after(lookup.token(place));
            copies = forced != null && forced.length < left;
            if (copies) {
                int[] guess = new int[1 + forced.length];
                guess[0] = lookup.token(place++);
                System.arraycopy(forced, 0, guess, 1, forced.length);
                found.add(guess);
                left -= guess.length;
                // Behind forced text the output no longer follows the prompt.
                copies = forced.length == 0;
            }
        }
        guesses = found;
    }

    private boolean pays() {
        return drafted < TRIAL || accepted >= WORTH * drafted;
    }

    /**
     * Reads the logits of the last demand, token by token as long as the guesses were right.
     *
     * @return how many guessed tokens are not part of the output
     */
    int read(Logits logits, Choice choice) {
        int right = 0;
        int[] chosen = choice.from(logits.row(0));
        while (right < guesses.size() && Arrays.equals(chosen, guesses.get(right))) {
            right++;
            chosen = choice.from(logits.row(right));
        }
        int rejected = guessedTokens(right);
        int guessed = guessedTokens(0);
        drafted += guessed;
        accepted += guessed - rejected;
        guesses = List.of();
        return rejected;
    }

    private int guessedTokens(int first) {
        int sum = 0;
        for (int place = first; place < guesses.size(); place++) {
            sum += guesses.get(place).length;
        }
        return sum;
    }

    /** Returns how many tokens were guessed. */
    int drafted() {
        return drafted;
    }

    /** Returns how many of them the model chose too. */
    int accepted() {
        return accepted;
    }
}
