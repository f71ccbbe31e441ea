package io.headrace.inference.runtime;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Prompt;
import io.headrace.inference.runner.ModelRunner;

/**
 * A model's weights and vocabulary, ready for any number of engines. Thread-safe until it is
 * closed; whoever opened it closes it once, after its runners.
 */
public interface LoadedModel extends AutoCloseable {

    ModelInfo info();

    Vocabulary vocabulary();

    /** Renders a prompt with the model's chat template and splits it into tokens. */
    PromptTokens tokenize(Prompt prompt);

    /** Makes what one engine computes with. */
    ModelRunner newRunner(EngineOptions options);

    /** Gives the weights back. */
    @Override
    void close();
}
