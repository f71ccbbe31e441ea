package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import io.headrace.schemas.TaskField;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;

/**
 * Writes a short summary of a record.
 *
 * @param name name of the task
 * @param instruction what the model is told
 * @param maxTokens the most tokens of the summary
 */
public record Summarize(String name, String instruction, int maxTokens) implements Task {

    /** English text has about three words to four tokens. */
    private static final double WORDS_PER_TOKEN = 0.75;

    public Summarize {
        TaskNames.require(name);
        Objects.requireNonNull(instruction, "instruction");
        if (maxTokens < 1) {
            throw new IllegalArgumentException(
                    "task '" + name + "': maxTokens must be at least 1, not " + maxTokens);
        }
    }

    /** With the default instruction, which names the length in words. */
    public Summarize(String name, int maxTokens) {
        this(
                name,
                PromptTexts.summarize((int) Math.max(1, maxTokens * WORDS_PER_TOKEN)),
                maxTokens);
    }

    @Override
    public String details() {
        return "";
    }

    @Override
    public Output output(String text) {
        return new Output.Text(maxTokens, List.of(), Sampling.GREEDY);
    }

    @Override
    public TaskResult.Summarized result(InferenceResult.Completed answer) {
        if (!(answer instanceof InferenceResult.Generated generated)) {
            throw new ResultConversionException("the engine gave no text");
        }
        return new TaskResult.Summarized(generated.text().strip());
    }

    @Override
    public TaskField field() {
        return new TaskField(
                name,
                Schema.create(Schema.Type.STRING),
                "Summary of the record in at most " + maxTokens + " tokens.");
    }

    @Override
    public Object toAvro(TaskResult result) {
        return ((TaskResult.Summarized) result).text();
    }
}
