package io.headrace.sql;

import static io.headrace.sql.ModelOptions.ABSTAIN_BELOW;
import static io.headrace.sql.ModelOptions.EVIDENCE;
import static io.headrace.sql.ModelOptions.INSTRUCTION;
import static io.headrace.sql.ModelOptions.LABELS;
import static io.headrace.sql.ModelOptions.LANGUAGE;
import static io.headrace.sql.ModelOptions.LAYOUT;
import static io.headrace.sql.ModelOptions.MAX_SENTENCES;
import static io.headrace.sql.ModelOptions.MAX_TOKENS;
import static io.headrace.sql.ModelOptions.MULTI_LABEL;
import static io.headrace.sql.ModelOptions.NONE_OF_THESE;
import static io.headrace.sql.ModelOptions.SCHEMA;
import static io.headrace.sql.ModelOptions.STYLE;
import static io.headrace.sql.ModelOptions.TASK;
import static io.headrace.sql.ModelOptions.TEMPERATURE;
import static io.headrace.sql.ModelOptions.THRESHOLD;
import static io.headrace.sql.ModelOptions.VERBATIM;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;

/** What a model can be told to do, with the options that it takes. */
enum TaskKind {
    CLASSIFY,
    EXTRACT,
    SUMMARIZE,
    CUSTOM;

    static TaskKind of(ReadableConfig options) {
        String task = options.getOptional(TASK).orElse("");
        return Arrays.stream(values())
                .filter(kind -> kind.optionValue().equals(task))
                .findFirst()
                .orElseThrow(
                        () ->
                                new ValidationException(
                                        (task.isEmpty()
                                                        ? "option 'task' is missing"
                                                        : "'task' = '" + task + "' is unknown")
                                                + "; write 'task' = 'classify', 'extract',"
                                                + " 'summarize' or 'custom'"));
    }

    String optionValue() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All options of a model with this task. */
    Set<ConfigOption<?>> allOptions() {
        Set<ConfigOption<?>> common =
                ModelOptions.with(ModelOptions.ENGINE_OPTIONS, TASK, INSTRUCTION);
        return switch (this) {
            case CLASSIFY ->
                    ModelOptions.with(
                            common,
                            LABELS,
                            ABSTAIN_BELOW,
                            NONE_OF_THESE,
                            TEMPERATURE,
                            MULTI_LABEL,
                            THRESHOLD);
            case EXTRACT ->
                    ModelOptions.with(common, SCHEMA, VERBATIM, EVIDENCE, LAYOUT, MAX_TOKENS);
            case SUMMARIZE -> ModelOptions.with(common, MAX_TOKENS, MAX_SENTENCES, STYLE, LANGUAGE);
            case CUSTOM -> ModelOptions.with(common, MAX_TOKENS);
        };
    }

    /** What further options may begin with. */
    List<String> prefixes() {
        return this == CLASSIFY
                ? List.of(ModelOptions.LABEL_PREFIX, ModelOptions.EXAMPLES_PREFIX)
                : List.of();
    }
}
