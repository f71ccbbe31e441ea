package io.headrace.sql;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.headrace.inference.Device;
import io.headrace.inference.EngineOptions;
import io.headrace.operators.EngineProvider;
import io.headrace.operators.LocalEngineProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;

/** The options of models and of the module. Wrong ones are refused with what to write instead. */
final class ModelOptions {

    /** Options that an engine is opened with; the same numbers as in the engine. */
    private static final EngineOptions ENGINE = EngineOptions.of(Path.of("model.gguf"));

    /** How the model writes a record. */
    enum Layout {
        NAMED,
        COMPACT
    }

    static final ConfigOption<String> PATH =
            key("path")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("GGUF file, at the same place on every TaskManager.");
    static final ConfigOption<Integer> CONTEXT_TOKENS =
            key("context-tokens")
                    .intType()
                    .defaultValue(ENGINE.contextTokens())
                    .withDescription("The most tokens of one row's prompt and answer together.");
    static final ConfigOption<Integer> MAX_SEQUENCES =
            key("max-sequences")
                    .intType()
                    .defaultValue(ENGINE.maxSequences())
                    .withDescription("The most rows in one step; 0 takes what suits the device.");
    static final ConfigOption<Integer> THREADS =
            key("threads")
                    .intType()
                    .defaultValue(ENGINE.threads())
                    .withDescription("Compute threads; 0 takes the cores of the process.");
    static final ConfigOption<String> DEVICE =
            key("device")
                    .stringType()
                    .defaultValue(ENGINE.device().toString())
                    .withDescription("Where it computes: auto, cpu, cuda, cuda:N or vulkan.");
    static final ConfigOption<Duration> TIMEOUT =
            key("timeout")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(5))
                    .withDescription("The longest time for a row, all attempts together.");
    static final ConfigOption<Integer> MAX_ATTEMPTS =
            key("max-attempts")
                    .intType()
                    .defaultValue(3)
                    .withDescription("How often a failure that can pass is tried.");
    static final ConfigOption<String> ON_ERROR =
            key("on-error")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("What becomes of a row that failed: 'fail' or 'null'.");
    static final ConfigOption<String> TASK =
            key("task")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("What to do: classify, extract, summarize or custom.");
    static final ConfigOption<String> INSTRUCTION =
            key("instruction")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("The sentence that tells the model what to do.");
    static final ConfigOption<List<String>> LABELS =
            key("labels")
                    .stringType()
                    .asList()
                    .noDefaultValue()
                    .withDescription("The classes, separated by semicolons.");
    static final ConfigOption<Double> ABSTAIN_BELOW =
            key("abstain-below")
                    .doubleType()
                    .defaultValue(0.0)
                    .withDescription("Below this probability the label is null.");
    static final ConfigOption<Boolean> NONE_OF_THESE =
            key("none-of-these")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription("Whether the model may say that no label fits: null.");
    static final ConfigOption<Double> TEMPERATURE =
            key("temperature")
                    .doubleType()
                    .defaultValue(1.0)
                    .withDescription("Above 1 makes probabilities less sure.");
    static final ConfigOption<Boolean> MULTI_LABEL =
            key("multi-label")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription("Whether all labels that fit are wanted.");
    static final ConfigOption<Double> THRESHOLD =
            key("threshold")
                    .doubleType()
                    .defaultValue(0.5)
                    .withDescription("With multi-label the least probability of a label.");
    static final ConfigOption<String> SCHEMA =
            key("schema")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("Avro schema of the record to extract, as JSON text.");
    static final ConfigOption<Boolean> VERBATIM =
            key("verbatim")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription("Whether strings must be spans of the text.");
    static final ConfigOption<Boolean> EVIDENCE =
            key("evidence")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription("Whether a column says where in the text values stand.");
    static final ConfigOption<Layout> LAYOUT =
            key("layout")
                    .enumType(Layout.class)
                    .defaultValue(Layout.NAMED)
                    .withDescription(
                            "Whether the model writes fields with their names or, in fewer tokens,"
                                    + " their values alone.");
    static final ConfigOption<Integer> MAX_SENTENCES =
            key("max-sentences")
                    .intType()
                    .defaultValue(0)
                    .withDescription("The most sentences of a summary; 0 sets no limit.");
    static final ConfigOption<String> STYLE =
            key("style")
                    .stringType()
                    .defaultValue("")
                    .withDescription("How to summarize, for instance: for a support agent.");
    static final ConfigOption<String> LANGUAGE =
            key("language")
                    .stringType()
                    .defaultValue("")
                    .withDescription("Language of a summary, for instance German.");
    static final ConfigOption<Integer> MAX_TOKENS =
            key("max-tokens")
                    .intType()
                    .noDefaultValue()
                    .withDescription("The most tokens of the answer.");

    static final ConfigOption<Boolean> ASYNC =
            key("async")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription("Whether functions are asynchronous in streaming sessions.");

    /** Prefix of the options that describe a label to the model: {@code label.NAME}. */
    static final String LABEL_PREFIX = "label.";

    /** Prefix of the options that show texts of a label to the model: {@code examples.NAME}. */
    static final String EXAMPLES_PREFIX = "examples.";

    /** What models and the module have in common. */
    static final Set<ConfigOption<?>> ENGINE_OPTIONS =
            with(
                    RemoteModelOptions.ALL,
                    PATH,
                    CONTEXT_TOKENS,
                    MAX_SEQUENCES,
                    THREADS,
                    DEVICE,
                    TIMEOUT,
                    MAX_ATTEMPTS,
                    ON_ERROR);

    static final Set<ConfigOption<?>> MODULE_OPTIONS = with(ENGINE_OPTIONS, ASYNC);

    private ModelOptions() {}

    /** The union of options. */
    static Set<ConfigOption<?>> with(Set<ConfigOption<?>> some, ConfigOption<?>... more) {
        Set<ConfigOption<?>> all = new HashSet<>(some);
        all.addAll(List.of(more));
        return Set.copyOf(all);
    }

    /**
     * The engine that the options describe.
     *
     * @throws ValidationException if neither file nor server is named or a number is out of its
     *     range
     */
    static EngineProvider engines(ReadableConfig options) {
        if (options.getOptional(RemoteModelOptions.URL).isPresent()) {
            return RemoteModelOptions.model(options);
        }
        for (ConfigOption<?> remote : RemoteModelOptions.ALL) {
            if (options.getOptional(remote).isPresent()) {
                throw new ValidationException(
                        "'"
                                + remote.key()
                                + "' needs 'remote.url'; write 'remote.url' ="
                                + " 'http://localhost:8000'");
            }
        }
        return local(options);
    }

    private static LocalEngineProvider local(ReadableConfig options) {
        String path =
                options.getOptional(PATH)
                        .orElseThrow(
                                () ->
                                        new ValidationException(
                                                "option 'path' is missing; write 'path' ="
                                                        + " '/models/model.gguf', a GGUF file that"
                                                        + " every TaskManager has at this place,"
                                                        + " or 'remote.url' for a model server"));
        try {
            LocalEngineProvider engines =
                    new LocalEngineProvider(
                                    path,
                                    options.get(CONTEXT_TOKENS),
                                    options.get(MAX_SEQUENCES),
                                    options.get(THREADS))
                            .withDevice(Device.of(options.get(DEVICE)));
            engines.options();
            return engines;
        } catch (IllegalArgumentException e) {
            throw new ValidationException("wrong option: " + inOptionNames(e.getMessage()), e);
        }
    }

    /** How many rows the engine works on at a time. */
    static int rowsAtATime(ReadableConfig options) {
        return options.getOptional(RemoteModelOptions.URL).isPresent()
                ? options.get(RemoteModelOptions.CONCURRENCY)
                : local(options).options().sized().maxSequences();
    }

    private static String inOptionNames(String message) {
        return message.replace("contextTokens", "'" + CONTEXT_TOKENS.key() + "'")
                .replace("maxSequences", "'" + MAX_SEQUENCES.key() + "'")
                .replace("threads", "'" + THREADS.key() + "'");
    }

    /** How long and how often a row is tried. */
    static CallLimits limits(ReadableConfig options) {
        CallLimits limits = new CallLimits(options.get(TIMEOUT), options.get(MAX_ATTEMPTS));
        if (limits.timeout().toMillis() < 1) {
            throw new ValidationException("'timeout' must be at least 1 ms; write '5 min'");
        }
        if (limits.maxAttempts() < 1) {
            throw new ValidationException(
                    "'max-attempts' must be at least 1, not " + limits.maxAttempts());
        }
        return limits;
    }

    /** What becomes of failed rows, if the options say it. */
    static Optional<ErrorPolicy> errorPolicy(ReadableConfig options) {
        return options.getOptional(ON_ERROR)
                .map(
                        value ->
                                switch (value) {
                                    case "fail" -> ErrorPolicy.FAIL;
                                    case "null" -> ErrorPolicy.NULL;
                                    default ->
                                            throw new ValidationException(
                                                    "'on-error' = '"
                                                            + value
                                                            + "' is unknown; write 'fail' or"
                                                            + " 'null'. For dead letters declare a"
                                                            + " column error STRING in OUTPUT and"
                                                            + " insert the rows WHERE error IS NOT"
                                                            + " NULL into a table of their own");
                                });
    }
}
