package io.headrace.inference;

import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runtime.LoadedModel;
import io.headrace.inference.runtime.PromptTokens;
import io.headrace.inference.runtime.Vocabulary;

/** One engine's share of a loaded model; closing it gives the share back. */
final class LeasedModel implements LoadedModel {

    private final SharedResources<ModelKey, LoadedModel>.Lease lease;

    LeasedModel(SharedResources<ModelKey, LoadedModel>.Lease lease) {
        this.lease = lease;
    }

    @Override
    public ModelInfo info() {
        return lease.get().info();
    }

    @Override
    public Vocabulary vocabulary() {
        return lease.get().vocabulary();
    }

    @Override
    public PromptTokens tokenize(Prompt prompt) {
        return lease.get().tokenize(prompt);
    }

    @Override
    public ModelRunner newRunner(EngineOptions options) {
        return lease.get().newRunner(options);
    }

    @Override
    public void close() {
        lease.close();
    }
}
