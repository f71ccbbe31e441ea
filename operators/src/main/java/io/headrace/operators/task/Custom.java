package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import io.headrace.schemas.TaskField;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;

/**
 * Whatever the prompt asks for, answered in the form of an Avro schema: translation, redaction,
 * scoring.
 *
 * @param name name of the task
 * @param instruction the prompt: what the model is told to do with the message
 * @param schemaText the answer's Avro schema as JSON; any type that {@link Extract} knows, not only
 *     records
 * @param maxTokens the most tokens of the answer
 */
public record Custom(String name, String instruction, String schemaText, int maxTokens)
        implements Task {

    public Custom {
        TaskNames.require(name);
        if (instruction.isBlank()) {
            throw new IllegalArgumentException("task '" + name + "' needs a prompt");
        }
        Objects.requireNonNull(schemaText, "schemaText");
        if (maxTokens < 1) {
            throw new IllegalArgumentException(
                    "task '" + name + "': maxTokens must be at least 1, not " + maxTokens);
        }
        new AvroJsonSchema(false).convert(new Schema.Parser().parse(schemaText));
    }

    private Schema schema() {
        return new Schema.Parser().parse(schemaText);
    }

    @Override
    public String details() {
        Schema schema = schema();
        return schema.getType() == Schema.Type.RECORD
                ? PromptTexts.answerFields() + "\n" + String.join("\n", FieldLines.of(schema))
                : "";
    }

    @Override
    public Step step(String text, List<InferenceResult.Completed> answers, PromptBudget budget) {
        Schema schema = schema();
        if (answers.isEmpty()) {
            String json = new AvroJsonSchema(false).convert(schema).toString();
            return new Step.Ask(
                    List.of(
                            new Question(
                                    text, "", new Output.Json(json, maxTokens, Sampling.GREEDY))));
        }
        String json = Answers.text(answers.get(0));
        JsonToAvro.convert(json, schema);
        return new Step.Done(new TaskResult.Extracted(json));
    }

    @Override
    public TaskField field() {
        return new TaskField(name, schema(), "Answer to: " + instruction);
    }

    @Override
    public Object toAvro(TaskResult result) {
        return JsonToAvro.convert(((TaskResult.Extracted) result).json(), schema());
    }
}
