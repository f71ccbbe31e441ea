package io.headrace.inference.runtime;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Usage;
import io.headrace.inference.logits.LogitRow;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Generates free text, a token a step or as many as were guessed right. */
final class TextDecoding implements Decoding {

    private static final int[] NOTHING = {};

    private final Vocabulary vocabulary;
    private final int maxTokens;
    private final Sampler sampler;
    private final boolean[] endsTurn;
    private final GeneratedText text;
    private final Drafts drafts;
    private int outputTokens;
    private int lastToken;
    private boolean done;
    private boolean truncated;

    /**
     * @param endsTurn whether a token ends the turn, by token; shared, not changed
     */
    TextDecoding(Output.Text output, Vocabulary vocabulary, boolean[] endsTurn, Drafts drafts) {
        this.vocabulary = vocabulary;
        this.maxTokens = output.maxTokens();
        this.sampler = new Sampler(output.sampling(), vocabulary.size());
        this.endsTurn = endsTurn;
        this.drafts = drafts;
        this.text = new GeneratedText(stopBytes(output.stop()));
    }

    private static List<byte[]> stopBytes(List<String> stop) {
        return stop.stream()
                .filter(each -> !each.isEmpty())
                .map(each -> each.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    @Override
    public void begin(Logits logits) {
        accept(logits);
    }

    @Override
    public int accept(Logits logits) {
        return drafts.read(logits, this::choose);
    }

    private int[] choose(LogitRow row) {
        lastToken = sampler.choose(row);
        outputTokens++;
        byte[] bytes = vocabulary.bytes(lastToken);
        if (endsTurn[lastToken] || text.append(bytes)) {
            done = true;
        } else if (outputTokens == maxTokens) {
            done = true;
            truncated = true;
        }
        drafts.wrote(bytes);
        return done ? NOTHING : new int[] {lastToken};
    }

    @Override
    public Demand demand(Allowance allowance) {
        return allowance.rows() < 1 || allowance.outputs() < 1
                ? null
                : drafts.append(
                        new int[] {lastToken}, allowance, cellsToCome() - 1, token -> NOTHING);
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public int cellsToCome() {
        return maxTokens - outputTokens;
    }

    @Override
    public int outputTokens() {
        return outputTokens;
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
        return new InferenceResult.Generated(text.toString(), truncated, usage);
    }
}
