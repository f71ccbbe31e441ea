package io.headrace.inference.runtime;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Usage;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Generates free text, a token a step. */
final class TextDecoding implements Decoding {

    private final Vocabulary vocabulary;
    private final int maxTokens;
    private final Sampler sampler;
    private final boolean[] endsTurn;
    private final GeneratedText text;
    private int outputTokens;
    private int lastToken;
    private boolean done;
    private boolean truncated;

    /**
     * @param endsTurn whether a token ends the turn, by token; shared, not changed
     */
    TextDecoding(Output.Text output, Vocabulary vocabulary, boolean[] endsTurn) {
        this.vocabulary = vocabulary;
        this.maxTokens = output.maxTokens();
        this.sampler = new Sampler(output.sampling(), vocabulary.size());
        this.endsTurn = endsTurn;
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
    public void accept(Logits logits) {
        lastToken = sampler.choose(logits.row(0));
        outputTokens++;
        if (endsTurn[lastToken]) {
            done = true;
        } else if (text.append(vocabulary.bytes(lastToken))) {
            done = true;
        } else if (outputTokens == maxTokens) {
            done = true;
            truncated = true;
        }
    }

    @Override
    public Demand demand(Allowance allowance) {
        return allowance.rows() < 1 || allowance.outputs() < 1
                ? null
                : new Demand.Append(new int[] {lastToken});
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
    public InferenceResult result(Usage usage) {
        return new InferenceResult.Generated(text.toString(), truncated, usage);
    }
}
