package io.headrace.inference.runtime;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Usage;
import io.headrace.inference.llama.GrammarSampler;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Generates a text token by token under llama.cpp's own grammar sampler. */
final class GrammarDecoding implements Decoding {

    private final GrammarSampler sampler;
    private final Vocabulary vocabulary;
    private final boolean[] endsTurn;
    private final int maxTokens;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private int outputTokens;
    private int lastToken;
    private boolean done;

    /**
     * @param sampler closed when the output ends
     */
    GrammarDecoding(
            GrammarSampler sampler, Vocabulary vocabulary, boolean[] endsTurn, int maxTokens) {
        this.sampler = sampler;
        this.vocabulary = vocabulary;
        this.endsTurn = endsTurn;
        this.maxTokens = maxTokens;
    }

    @Override
    public void begin(Logits logits) {
        accept(logits);
    }

    @Override
    public int accept(Logits logits) {
        lastToken = sampler.choose(logits.row(0));
        outputTokens++;
        done = endsTurn[lastToken] || outputTokens == maxTokens;
        if (done) {
            sampler.close();
        } else {
            sampler.accept(lastToken);
            text.writeBytes(vocabulary.bytes(lastToken));
        }
        return 0;
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
        return new InferenceResult.Generated(text.toString(StandardCharsets.UTF_8), false, usage);
    }
}
