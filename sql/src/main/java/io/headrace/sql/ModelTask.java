package io.headrace.sql;

import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Custom;
import io.headrace.operators.task.Extract;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.MultiLabel;
import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.Task;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;

/** Makes the task of a model from its options and its declared answer columns. */
final class ModelTask {

    static final int DEFAULT_SUMMARY_TOKENS = 60;

    private static final String EVIDENCE = "evidence";

    private final String name;
    private final ReadableConfig options;
    private final Map<String, String> given;
    private final List<Column> answers;

    /**
     * Begins with a model.
     *
     * @param name the name of the task, which the model sees
     * @param options the model's options
     * @param given the same as they were written
     * @param answers the output columns other than error columns
     */
    ModelTask(
            String name, ReadableConfig options, Map<String, String> given, List<Column> answers) {
        this.name = name;
        this.options = options;
        this.given = given;
        this.answers = answers;
    }

    /**
     * Makes the task.
     *
     * @throws ValidationException if options are missing or wrong
     */
    Task of(TaskKind kind) {
        try {
            return switch (kind) {
                case CLASSIFY -> classify();
                case EXTRACT -> extract();
                case SUMMARIZE -> summarize();
                case CUSTOM -> custom();
            };
        } catch (IllegalArgumentException e) {
            throw new ValidationException(e.getMessage(), e);
        }
    }

    private Optional<String> instruction() {
        return options.getOptional(ModelOptions.INSTRUCTION);
    }

    private Task classify() {
        boolean multiLabel = options.get(ModelOptions.MULTI_LABEL);
        List<Label> labels = new LabelOptions(options, given).labels(multiLabel ? 1 : 2);
        if (multiLabel) {
            refuse("multi-label", ModelOptions.ABSTAIN_BELOW, ModelOptions.NONE_OF_THESE);
            refuse("multi-label", ModelOptions.TEMPERATURE);
            requireOneAnswer("labels ARRAY<ROW<label STRING, probability DOUBLE>>");
            double threshold = options.get(ModelOptions.THRESHOLD);
            MultiLabel task = new MultiLabel(name, labels, threshold);
            return instruction()
                    .map(own -> new MultiLabel(name, own, labels, threshold))
                    .orElse(task);
        }
        if (options.getOptional(ModelOptions.THRESHOLD).isPresent()) {
            throw new ValidationException(
                    "'threshold' needs 'multi-label' = 'true'; for one label write"
                            + " 'abstain-below'");
        }
        double abstainBelow = options.get(ModelOptions.ABSTAIN_BELOW);
        return new Classify(
                name,
                instruction()
                        .orElseGet(() -> new Classify(name, labels, abstainBelow).instruction()),
                labels,
                abstainBelow,
                options.get(ModelOptions.NONE_OF_THESE),
                options.get(ModelOptions.TEMPERATURE));
    }

    private void refuse(String because, ConfigOption<?>... others) {
        for (ConfigOption<?> other : others) {
            if (options.getOptional(other).isPresent()) {
                throw new ValidationException(
                        "'"
                                + other.key()
                                + "' cannot stand beside '"
                                + because
                                + "'; leave it out");
            }
        }
    }

    private Task extract() {
        boolean evidence = options.get(ModelOptions.EVIDENCE);
        Schema schema =
                options.getOptional(ModelOptions.SCHEMA)
                        .map(ModelTask::parse)
                        .orElseGet(() -> SqlTypes.toAvro(name, extracted(evidence)));
        boolean verbatim = options.get(ModelOptions.VERBATIM);
        Extract task =
                instruction()
                        .map(own -> new Extract(name, own, schema, verbatim, answerTokens()))
                        .orElseGet(() -> new Extract(name, schema, verbatim, answerTokens()));
        if (options.get(ModelOptions.LAYOUT) == ModelOptions.Layout.COMPACT) {
            if (options.getOptional(RemoteModelOptions.URL).isPresent()) {
                throw new ValidationException(
                        "'layout' = 'compact' is for models in the slot; leave it out with"
                                + " 'remote.url'");
            }
            task = task.withCompactLayout();
        }
        return evidence ? withEvidence(task) : task;
    }

    /** The columns that the model fills in. */
    private List<Column> extracted(boolean evidence) {
        return answers.stream()
                .filter(column -> !evidence || !column.getName().equals(EVIDENCE))
                .toList();
    }

    private Task withEvidence(Extract plain) {
        Extract task = plain.withEvidence();
        if (answers.stream().noneMatch(column -> column.getName().equals(EVIDENCE))) {
            Schema evidence = task.field().schema().getField(EVIDENCE).schema();
            throw new ValidationException(
                    "'evidence' needs a column; write OUTPUT with "
                            + EVIDENCE
                            + " "
                            + SqlTypes.toSql(evidence));
        }
        return task;
    }

    private int answerTokens() {
        return options.getOptional(ModelOptions.MAX_TOKENS).orElse(Extract.DEFAULT_MAX_TOKENS);
    }

    static Schema parse(String text) {
        try {
            Schema schema = new Schema.Parser().parse(text);
            if (schema.getType() == Schema.Type.RECORD) {
                return schema;
            }
        } catch (SchemaParseException e) {
            throw new ValidationException(
                    "the schema is not Avro: "
                            + e.getMessage()
                            + "; write '{\"type\":\"record\",\"name\":\"Booking\",\"fields\":"
                            + "[{\"name\":\"people\",\"type\":[\"null\",\"int\"]}]}'",
                    e);
        }
        throw new ValidationException("the schema must be an Avro record, not " + text);
    }

    private Task summarize() {
        requireOneText("summarize");
        int maxTokens = options.getOptional(ModelOptions.MAX_TOKENS).orElse(DEFAULT_SUMMARY_TOKENS);
        int maxSentences = options.get(ModelOptions.MAX_SENTENCES);
        Optional<String> own = instruction();
        if (own.isPresent()) {
            refuse("instruction", ModelOptions.STYLE, ModelOptions.LANGUAGE);
            return new Summarize(name, own.get(), maxTokens, maxSentences);
        }
        return new Summarize(
                name,
                maxTokens,
                maxSentences,
                options.get(ModelOptions.STYLE).strip(),
                options.get(ModelOptions.LANGUAGE).strip());
    }

    /** One text column is the whole answer, anything else a record of the columns. */
    private Task custom() {
        String instruction =
                instruction()
                        .orElseThrow(
                                () ->
                                        new ValidationException(
                                                "'custom' needs an instruction; write 'instruction'"
                                                        + " = 'Translate the message into"
                                                        + " German.'"));
        Schema schema =
                answers.size() == 1 && isText(answers.get(0))
                        ? Schema.create(Schema.Type.STRING)
                        : SqlTypes.toAvro(name, answers);
        return new Custom(name, instruction, schema.toString(), answerTokens());
    }

    private void requireOneAnswer(String declaration) {
        if (answers.size() != 1) {
            throw new ValidationException(
                    "this task gives one column; write OUTPUT (" + declaration + ")");
        }
    }

    private void requireOneText(String kind) {
        if (answers.size() != 1 || !isText(answers.get(0))) {
            throw new ValidationException(
                    "'"
                            + kind
                            + "' gives one text; write OUTPUT (summary STRING), not ("
                            + answers.stream()
                                    .map(column -> column.getName() + " " + column.getDataType())
                                    .collect(Collectors.joining(", "))
                            + ")");
        }
    }

    private static boolean isText(Column column) {
        return column.getDataType().getLogicalType().copy(true).equals(OutputRow.TEXT);
    }
}
