package io.headrace.inference.runtime;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Usage;
import io.headrace.inference.constraint.ConstraintState;
import io.headrace.inference.constraint.JsonConstraint;
import io.headrace.inference.constraint.TokenMask;
import io.headrace.inference.logits.LogitRow;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Generates JSON under a constraint. Only real choices are sampled: text that must follow is
 * appended together with the token before it, in one step, and what must come first is computed as
 * part of the prompt. When the tokens run out, the value is closed with the shortest text that
 * completes it.
 */
final class JsonDecoding implements Decoding {

    private static final int[] NOTHING = {};

    private final Vocabulary vocabulary;
    private final int maxTokens;
    private final Sampler sampler;
    private final int[] endOfTurn;
    private final int[] forcedPrefix;
    private final Drafts drafts;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private ConstraintState state;
    private int[] pending = NOTHING;
    private int pendingFrom;
    private int pendingComputed;
    private int outputTokens;
    private int masks;
    private long maskNanos;
    private boolean done;
    private boolean truncated;

    JsonDecoding(
            Output.Json output,
            JsonConstraint constraint,
            Vocabulary vocabulary,
            int[] endOfTurn,
            Drafts drafts) {
        this.vocabulary = vocabulary;
        this.maxTokens = output.maxTokens();
        this.sampler = new Sampler(output.sampling(), vocabulary.size());
        this.endOfTurn = endOfTurn;
        this.drafts = drafts;
        this.state = constraint.start(output.sourceText());
        this.forcedPrefix = appendForced();
    }

    @Override
    public int[] forcedPrefix() {
        return forcedPrefix;
    }

    @Override
    public void begin(Logits logits) {
        if (!done) {
            accept(logits);
        }
    }

    @Override
    public int accept(Logits logits) {
        pendingComputed = pendingFrom;
        if (pendingFrom < pending.length) {
            // Forced text longer than a step: only what follows its end is a choice.
            return 0;
        }
        return drafts.read(logits, this::choose);
    }

    private int[] choose(LogitRow row) {
        pending = NOTHING;
        pendingFrom = 0;
        pendingComputed = 0;
        TokenMask mask = mask();
        if (mask.isEmpty()) {
            complete(false);
            return NOTHING;
        }
        double end = state.canEnd() ? endOfTurnLogit(row) : Double.NEGATIVE_INFINITY;
        int token = sampler.choose(row, mask);
        if (end > row.at(token)) {
            done = true;
            return NOTHING;
        }
        write(state.written(token));
        state = state.accept(token);
        outputTokens++;
        int[] forced = appendForced();
        pending = new int[1 + forced.length];
        pending[0] = token;
        System.arraycopy(forced, 0, pending, 1, forced.length);
        return done ? NOTHING : pending;
    }

    private void write(byte[] bytes) {
        text.writeBytes(bytes);
        drafts.wrote(bytes);
    }

    private TokenMask mask() {
        long begin = System.nanoTime();
        TokenMask mask = state.mask();
        maskNanos += System.nanoTime() - begin;
        masks++;
        return mask;
    }

    /** Takes in the text that must follow, unless it is too long; ends the value where it does. */
    private int[] appendForced() {
        if (state.complete()) {
            done = true;
            return NOTHING;
        }
        String forced = state.forcedText();
        int[] tokens = forced.isEmpty() ? NOTHING : vocabulary.tokenize(forced);
        if (outputTokens + tokens.length >= maxTokens) {
            complete(true);
            return NOTHING;
        }
        if (!forced.isEmpty()) {
            state = state.acceptText(forced);
            write(forced.getBytes(StandardCharsets.UTF_8));
            outputTokens += tokens.length;
            done = state.complete();
        }
        return tokens;
    }

    private void complete(boolean early) {
        byte[] rest = state.shortestCompletionBytes();
        text.writeBytes(rest);
        truncated = early && rest.length > 0;
        done = true;
    }

    private double endOfTurnLogit(LogitRow row) {
        return Arrays.stream(endOfTurn).mapToDouble(row::at).max().orElseThrow();
    }

    @Override
    public Demand demand(Allowance allowance) {
        int to = Math.min(pending.length, pendingFrom + allowance.rows());
        if (to == pendingFrom || allowance.outputs() < 1) {
            return null;
        }
        int[] part = Arrays.copyOfRange(pending, pendingFrom, to);
        pendingFrom = to;
        return to < pending.length
                ? new Demand.Append(part)
                : drafts.append(part, allowance, maxTokens - outputTokens - 1, new Guessed());
    }

    /** Follows guessed tokens through the constraint, beside the output. */
    private final class Guessed implements Drafts.Walk {
        private ConstraintState at = state;

        @Override
        public int[] after(int token) {
            if (!at.allows(token)) {
                return null;
            }
            at = at.accept(token);
            String forced = at.forcedText();
            if (forced.isEmpty()) {
                return NOTHING;
            }
            at = at.acceptText(forced);
            return vocabulary.tokenize(forced);
        }
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public int cellsToCome() {
        return Math.max(0, maxTokens - outputTokens) + pending.length - pendingComputed;
    }

    @Override
    public int outputTokens() {
        return outputTokens;
    }

    @Override
    public int masks() {
        return masks;
    }

    @Override
    public long maskNanos() {
        return maskNanos;
    }

    @Override
    public int draftedTokens() {
        return drafts.drafted();
    }

    @Override
    public int acceptedTokens() {
        return drafts.accepted();
    }

    @Override
    public InferenceResult result(Usage usage) {
        return new InferenceResult.Generated(
                text.toString(StandardCharsets.UTF_8), truncated, usage);
    }
}
