package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.schemas.TaskField;
import java.util.List;
import org.apache.avro.Schema;

/**
 * Whatever the prompt asks for, answered in the form of an Avro schema: translation, redaction,
 * scoring.
 */
public final class Custom implements Task {

    private static final long serialVersionUID = 1L;

    /** No ordinary token is longer, so that the tokens of an answer end its strings. */
    private static final int CHARACTERS_PER_TOKEN = 16;

    private final String name;
    private final String instruction;
    private final AvroAnswer answer;
    private final int maxTokens;

    /**
     * Creates the task.
     *
     * @param name name of the task
     * @param instruction the prompt: what the model is told to do with the message
     * @param schemaText the answer's Avro schema as JSON; any type that {@link Extract} knows, not
     *     only records
     * @param maxTokens the most tokens of the answer
     * @throws IllegalArgumentException if the schema holds a type that cannot be answered
     */
    public Custom(String name, String instruction, String schemaText, int maxTokens) {
        TaskNames.require(name);
        if (instruction.isBlank()) {
            throw new IllegalArgumentException("task '" + name + "' needs a prompt");
        }
        if (maxTokens < 1) {
            throw new IllegalArgumentException(
                    "task '" + name + "': maxTokens must be at least 1, not " + maxTokens);
        }
        this.name = name;
        this.instruction = instruction;
        int stringLength =
                (int) Math.min(Integer.MAX_VALUE, (long) maxTokens * CHARACTERS_PER_TOKEN);
        this.answer = new AvroAnswer(schemaText, false, false, stringLength);
        this.maxTokens = maxTokens;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String instruction() {
        return instruction;
    }

    @Override
    public String details() {
        return answer.schema().getType() == Schema.Type.RECORD
                ? PromptTexts.answerFields()
                        + "\n"
                        + String.join("\n", FieldLines.of(answer.schema()))
                : "";
    }

    @Override
    public Step step(String text, List<InferenceResult.Completed> answers, PromptBudget budget) {
        if (answers.isEmpty()) {
            return new Step.Ask(List.of(answer.question(text, maxTokens)));
        }
        String json = Answers.text(answers.get(0));
        answer.toAvro(json);
        return new Step.Done(new TaskResult.Extracted(json));
    }

    @Override
    public TaskField field() {
        return new TaskField(name, answer.schema(), "Answer to: " + instruction);
    }

    @Override
    public Object toAvro(TaskResult result) {
        return answer.toAvro(((TaskResult.Extracted) result).json());
    }

    /** Part of the version of a task set: says all that the results depend on. */
    @Override
    public String toString() {
        return "Custom[name="
                + name
                + ", instruction="
                + instruction
                + ", schema="
                + answer.schemaText()
                + ", maxTokens="
                + maxTokens
                + "]";
    }
}
