package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import io.headrace.schemas.TaskField;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;

/** Fills in an Avro record from a record's text. */
public final class Extract implements Task {

    /** Enough for some twenty short fields. */
    public static final int DEFAULT_MAX_TOKENS = 512;

    private static final long serialVersionUID = 1L;

    private final String name;
    private final String instruction;
    private final String schemaText;
    private final boolean verbatim;
    private final int maxTokens;

    // Parsed forms of schemaText, made again after deserialization.
    private transient Schema schema;
    private transient String jsonSchema;

    /**
     * Creates the task.
     *
     * @param name name of the task
     * @param instruction what the model is told
     * @param schema the target record's schema
     * @param verbatim whether string values must be spans of the text
     * @param maxTokens the most tokens of the answer
     * @throws IllegalArgumentException if the schema is no record or holds a type that cannot be
     *     extracted
     */
    public Extract(
            String name, String instruction, Schema schema, boolean verbatim, int maxTokens) {
        TaskNames.require(name);
        if (maxTokens < 1) {
            throw new IllegalArgumentException(
                    "task '" + name + "': maxTokens must be at least 1, not " + maxTokens);
        }
        if (schema.getType() != Schema.Type.RECORD) {
            throw new IllegalArgumentException(
                    "task '" + name + "': the schema must be a record, not " + schema.getType());
        }
        this.name = name;
        this.instruction = Objects.requireNonNull(instruction, "instruction");
        this.schemaText = schema.toString();
        this.verbatim = verbatim;
        this.maxTokens = maxTokens;
        jsonSchema();
    }

    /** With the default instruction. */
    public Extract(String name, Schema schema, boolean verbatim, int maxTokens) {
        this(name, PromptTexts.extract(), schema, verbatim, maxTokens);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String instruction() {
        return instruction;
    }

    /** The target schema. */
    public Schema schema() {
        if (schema == null) {
            schema = new Schema.Parser().parse(schemaText);
        }
        return schema;
    }

    private String jsonSchema() {
        if (jsonSchema == null) {
            jsonSchema = new AvroJsonSchema(verbatim).convert(schema()).toString();
        }
        return jsonSchema;
    }

    @Override
    public String details() {
        return String.join("\n", FieldLines.of(schema()));
    }

    @Override
    public Step step(String text, List<InferenceResult.Completed> answers, PromptBudget budget) {
        if (answers.isEmpty()) {
            Output output =
                    new Output.Json(jsonSchema(), maxTokens, Sampling.GREEDY, verbatim ? text : "");
            return new Step.Ask(List.of(new Question(text, "", output)));
        }
        String json = Answers.text(answers.get(0));
        // What has no Avro form must fail here, where the record can still become a dead letter.
        JsonToAvro.convert(json, schema());
        return new Step.Done(new TaskResult.Extracted(json));
    }

    @Override
    public TaskField field() {
        return new TaskField(name, schema(), "Fields found in the record.");
    }

    @Override
    public Object toAvro(TaskResult result) {
        return JsonToAvro.convert(((TaskResult.Extracted) result).json(), schema());
    }

    @Override
    public String toString() {
        return "Extract[name="
                + name
                + ", instruction="
                + instruction
                + ", schema="
                + schemaText
                + ", verbatim="
                + verbatim
                + ", maxTokens="
                + maxTokens
                + "]";
    }
}
