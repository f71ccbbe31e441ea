package io.headrace.sql;

import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Custom;
import io.headrace.operators.task.Extract;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.Task;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;

/** Makes the task of a model from its options and its declared answer columns. */
final class ModelTask {

    static final int DEFAULT_SUMMARY_TOKENS = 60;

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
        List<String> names =
                options.getOptional(ModelOptions.LABELS).orElse(List.of()).stream()
                        .map(String::strip)
                        .toList();
        if (names.size() < 2) {
            throw new ValidationException(
                    "'classify' needs at least two labels; write 'labels' ="
                            + " 'refund; lost_card; praise', with semicolons between them");
        }
        requireLabelsOfDescriptions(names);
        List<Label> labels =
                names.stream()
                        .map(label -> new Label(label, given.getOrDefault(key(label), "")))
                        .toList();
        double abstainBelow = options.get(ModelOptions.ABSTAIN_BELOW);
        return instruction()
                .map(own -> new Classify(name, own, labels, abstainBelow))
                .orElseGet(() -> new Classify(name, labels, abstainBelow));
    }

    private void requireLabelsOfDescriptions(List<String> names) {
        for (String key : given.keySet()) {
            if (key.startsWith(ModelOptions.LABEL_PREFIX)
                    && names.stream().noneMatch(label -> key(label).equals(key))) {
                throw new ValidationException(
                        "option '"
                                + key
                                + "' describes a label that is not among 'labels', which are "
                                + String.join(", ", names));
            }
        }
    }

    private static String key(String label) {
        return ModelOptions.LABEL_PREFIX + label;
    }

    private Task extract() {
        Schema schema =
                options.getOptional(ModelOptions.SCHEMA)
                        .map(ModelTask::parse)
                        .orElseGet(() -> SqlTypes.toAvro(name, answers));
        boolean verbatim = options.get(ModelOptions.VERBATIM);
        return instruction()
                .map(own -> new Extract(name, own, schema, verbatim, answerTokens()))
                .orElseGet(() -> new Extract(name, schema, verbatim, answerTokens()));
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
        return instruction()
                .map(own -> new Summarize(name, own, maxTokens))
                .orElseGet(() -> new Summarize(name, maxTokens));
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
