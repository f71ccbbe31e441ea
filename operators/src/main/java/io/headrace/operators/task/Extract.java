package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
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
    private final AvroAnswer answer;
    private final boolean verbatim;
    private final int maxTokens;
    private final boolean evidence;
    private final boolean compact;

    // Made of the schema, again after deserialization.
    private transient Schema output;

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
        this(name, instruction, schema, verbatim, maxTokens, false, false);
    }

    private Extract(
            String name,
            String instruction,
            Schema schema,
            boolean verbatim,
            int maxTokens,
            boolean evidence,
            boolean compact) {
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
        this.answer =
                new AvroAnswer(
                        schema.toString(), verbatim, compact, AvroJsonSchema.DEFAULT_STRING_LENGTH);
        this.verbatim = verbatim;
        this.maxTokens = maxTokens;
        this.evidence = evidence;
        this.compact = compact;
        output();
    }

    /** With the default instruction. */
    public Extract(String name, Schema schema, boolean verbatim, int maxTokens) {
        this(name, PromptTexts.extract(), schema, verbatim, maxTokens);
    }

    /**
     * The same task, whose output also says where in the text each value stands: the record has one
     * more field, {@code evidence}.
     *
     * @throws IllegalArgumentException if the schema leaves no room for that
     */
    public Extract withEvidence() {
        return new Extract(name, instruction, schema(), verbatim, maxTokens, true, compact);
    }

    /**
     * The same task, which the model answers with an array of the values in place of an object: two
     * fifths less to compute for an answer of five fields. A small model confuses the fields
     * without their names: measure yours. The default instruction says it; one of your own is
     * followed by a sentence that does.
     *
     * <p>Only for models in the slot: servers do not know such arrays.
     */
    public Extract withCompactLayout() {
        String told =
                instruction.equals(PromptTexts.extract())
                        ? PromptTexts.extractCompact()
                        : instruction + " " + PromptTexts.asArray();
        return new Extract(name, told, schema(), verbatim, maxTokens, evidence, true);
    }

    /** Whether the model leaves the names of the fields out. */
    public boolean compact() {
        return compact;
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
        return answer.schema();
    }

    private Schema output() {
        if (output == null) {
            output = evidence ? EvidenceSchema.with(schema()) : schema();
        }
        return output;
    }

    @Override
    public String details() {
        return String.join("\n", FieldLines.of(schema()));
    }

    @Override
    public Step step(String text, List<InferenceResult.Completed> answers, PromptBudget budget) {
        if (answers.isEmpty()) {
            return new Step.Ask(List.of(answer.question(text, maxTokens)));
        }
        String json = answer.named(Answers.text(answers.get(0)));
        // What has no Avro form must fail here, where the record can still become a dead letter.
        answer.toAvro(json);
        return new Step.Done(
                new TaskResult.Extracted(evidence ? Evidence.addedTo(json, schema(), text) : json));
    }

    @Override
    public TaskField field() {
        return new TaskField(name, output(), "Fields found in the record.");
    }

    @Override
    public Object toAvro(TaskResult result) {
        return JsonToAvro.convert(((TaskResult.Extracted) result).json(), output());
    }

    /** Part of the version of a task set: says all that the results depend on. */
    @Override
    public String toString() {
        return "Extract[name="
                + name
                + ", instruction="
                + instruction
                + ", schema="
                + answer.schemaText()
                + ", verbatim="
                + verbatim
                + ", maxTokens="
                + maxTokens
                + (evidence ? ", evidence=true" : "")
                + (compact ? ", compact=true" : "")
                + "]";
    }
}
