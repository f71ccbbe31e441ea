package io.headrace.operators;

import io.headrace.operators.state.Cascaded;
import java.util.Objects;
import java.util.Optional;

/**
 * Which model answered a task for a record, and what that cost.
 *
 * @param model name of the model whose answer is the result
 * @param cascaded how a first answer was doubted, if it was
 * @param promptTokens prompt tokens of all that was asked for the task
 * @param outputTokens tokens generated, forced or scored
 * @param costNanos money, in billionths of the currency that prices are in
 */
public record TaskAnswer(
        String model,
        Optional<Cascaded> cascaded,
        int promptTokens,
        int outputTokens,
        long costNanos) {

    public TaskAnswer {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(cascaded, "cascaded");
    }
}
