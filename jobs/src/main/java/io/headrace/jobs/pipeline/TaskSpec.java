package io.headrace.jobs.pipeline;

import static io.headrace.jobs.pipeline.Pipeline.require;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.headrace.operators.task.RunningSummary;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A task: a name and exactly one kind.
 *
 * @param name name of the task and of its output field
 * @param instruction replaces the default sentence that tells the model what to do
 * @param adapter name of the LoRA adapter of {@code model.adapters} that it is done with
 * @param cascade a second model for records that the first is not sure of
 */
public record TaskSpec(
        String name,
        String instruction,
        String adapter,
        Cascade cascade,
        Classify classify,
        Extract extract,
        Summarize summarize,
        Custom custom) {

    public TaskSpec {
        require(name != null && !name.isBlank(), "tasks.name", "a name for the task");
        long kinds =
                Stream.of(classify, extract, summarize, custom).filter(Objects::nonNull).count();
        require(
                kinds == 1,
                "task '" + name + "'",
                "exactly one of classify, extract, summarize and custom");
        require(
                cascade == null || classify != null,
                "task '" + name + "'",
                "a cascade beside classify only: other kinds do not say how sure they are");
        require(
                custom == null || instruction == null,
                "task '" + name + "'",
                "no instruction beside custom.prompt, which is the instruction");
        require(
                summarize == null || instruction == null || !summarize.describes(),
                "task '" + name + "'",
                "either an instruction of your own, or style and language for the default one");
    }

    boolean isRunning() {
        return summarize != null && summarize.running();
    }

    /**
     * Ask a second model about records that the first is not sure of.
     *
     * @param below answers of less confidence are asked again, 0 to 1
     * @param model name of one of the further models
     */
    public record Cascade(Double below, String model) {
        public Cascade {
            require(
                    below != null && below >= 0 && below <= 1,
                    "cascade.below",
                    "a confidence from 0 to 1");
            require(model != null, "cascade.model", "the name of a model of 'models'");
        }
    }

    private static void requireSchema(JsonNode schema, String where) {
        require(
                schema != null && (schema.isObject() || schema.isTextual()),
                where,
                "an Avro schema, the path of an .avsc file, or { subject: NAME } in the registry");
    }

    /**
     * Choose a label, or all that fit.
     *
     * @param labels at least two, each a name or its parts; paths, {@code parent/child}, make a
     *     hierarchy
     * @param multiLabel whether every label that fits is wanted; false by default
     * @param threshold with multiLabel the least probability of a label; 0.5 by default
     * @param abstainBelow below this probability the result is null; 0 by default
     * @param noneOfThese whether the model may say that no label fits; false by default
     * @param temperature divides the labels' log-probabilities; 1 by default
     * @param labelType type of the label in the output; a string by default
     */
    public record Classify(
            List<Label> labels,
            Boolean multiLabel,
            Double threshold,
            Double abstainBelow,
            Boolean noneOfThese,
            Double temperature,
            LabelType labelType) {

        public Classify {
            multiLabel = multiLabel != null && multiLabel;
            int least = multiLabel ? 1 : 2;
            require(
                    labels != null && labels.size() >= least,
                    "classify.labels",
                    least == 1 ? "a list of labels" : "a list of at least two labels");
            labels = List.copyOf(labels);
            require(
                    threshold == null || multiLabel,
                    "classify.threshold",
                    "'multiLabel: true' beside it; for one label there is abstainBelow");
            require(
                    !multiLabel || (abstainBelow == null && noneOfThese == null),
                    "classify.abstainBelow and noneOfThese",
                    "one label; with multiLabel there is threshold");
            require(
                    !multiLabel || labelType == null || labelType == LabelType.STRING,
                    "classify.labelType",
                    "'string' with multiLabel");
            threshold = threshold == null ? 0.5 : threshold;
            abstainBelow = abstainBelow == null ? 0.0 : abstainBelow;
            noneOfThese = noneOfThese != null && noneOfThese;
            temperature = temperature == null ? 1.0 : temperature;
            labelType = labelType == null ? LabelType.STRING : labelType;
            requireProbability(threshold, "classify.threshold");
            requireProbability(abstainBelow, "classify.abstainBelow");
            require(temperature > 0, "classify.temperature", "a number above 0");
        }

        private static void requireProbability(double value, String where) {
            require(value >= 0 && value <= 1, where, "a probability from 0 to 1");
        }
    }

    /** Type of labels in the output. */
    public enum LabelType {
        @JsonProperty("string")
        STRING,
        @JsonProperty("enum")
        ENUM
    }

    /**
     * A label.
     *
     * @param name the label in the output
     * @param description what it means, shown to the model
     * @param examples texts of the class, shown to the model
     */
    public record Label(String name, String description, List<String> examples) {
        public Label {
            require(name != null && !name.isBlank(), "labels.name", "a label");
            description = description == null ? "" : description;
            examples = examples == null ? List.of() : List.copyOf(examples);
        }

        /** A label that is written as its name alone. */
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public static Label named(String name) {
            return new Label(name, null, null);
        }

        /** A label with its parts. */
        @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
        public static Label described(
                @JsonProperty("name") String name,
                @JsonProperty("description") String description,
                @JsonProperty("examples") List<String> examples) {
            return new Label(name, description, examples);
        }
    }

    /**
     * Fill in a record.
     *
     * @param schema an Avro schema in place, the path of an {@code .avsc} file, relative to the
     *     pipeline file, or an object with a {@code subject} of the registry
     * @param verbatim whether string values must be spans of the text; false by default
     * @param maxTokens the most tokens of an answer; 512 by default
     * @param evidence whether the output says where in the text values stand; false by default
     * @param layout how the model writes its answer; with names by default
     */
    public record Extract(
            JsonNode schema, Boolean verbatim, Integer maxTokens, Boolean evidence, Layout layout) {

        /** How the model writes a record. */
        public enum Layout {
            /** As an object, each value with its name. */
            @JsonProperty("named")
            NAMED,
            /** As the array of its values. */
            @JsonProperty("compact")
            COMPACT
        }

        public Extract {
            layout = layout == null ? Layout.NAMED : layout;
            requireSchema(schema, "extract.schema");
            evidence = evidence != null && evidence;
            verbatim = verbatim != null && verbatim;
            maxTokens =
                    maxTokens == null
                            ? io.headrace.operators.task.Extract.DEFAULT_MAX_TOKENS
                            : maxTokens;
            require(maxTokens >= 1, "extract.maxTokens", "at least 1");
        }
    }

    /**
     * Summarize.
     *
     * @param maxTokens the most tokens of a summary; 60 by default
     * @param maxSentences the most sentences; no limit by default
     * @param style for whom or how, for instance {@code for a support agent}
     * @param language of the summary, for instance {@code German}; by default the model's choice
     * @param running whether each record renews the summary of its key; false by default
     * @param timeToLive how long a key without records keeps its running summary; 7 days by default
     */
    public record Summarize(
            Integer maxTokens,
            Integer maxSentences,
            String style,
            String language,
            Boolean running,
            Duration timeToLive) {
        public Summarize {
            maxTokens = maxTokens == null ? 60 : maxTokens;
            require(maxTokens >= 1, "summarize.maxTokens", "at least 1");
            require(
                    maxSentences == null || maxSentences >= 1,
                    "summarize.maxSentences",
                    "at least 1");
            maxSentences = maxSentences == null ? 0 : maxSentences;
            style = style == null ? "" : style.strip();
            language = language == null ? "" : language.strip();
            running = running != null && running;
            require(
                    timeToLive == null || running,
                    "summarize.timeToLive",
                    "'running: true' beside it");
            timeToLive = timeToLive == null ? RunningSummary.DEFAULT_TIME_TO_LIVE : timeToLive;
            require(
                    !timeToLive.isNegative() && !timeToLive.isZero(),
                    "summarize.timeToLive",
                    "more than 0");
        }

        boolean describes() {
            return !style.isEmpty() || !language.isEmpty();
        }
    }

    /**
     * Whatever the prompt asks for.
     *
     * @param prompt what the model is told to do with the message
     * @param schema of the answer, written as that of an extraction; also of a type that is no
     *     record
     * @param maxTokens the most tokens of an answer; 512 by default
     */
    public record Custom(String prompt, JsonNode schema, Integer maxTokens) {
        public Custom {
            require(
                    prompt != null && !prompt.isBlank(),
                    "custom.prompt",
                    "what the model is to do with the message");
            requireSchema(schema, "custom.schema");
            maxTokens =
                    maxTokens == null
                            ? io.headrace.operators.task.Extract.DEFAULT_MAX_TOKENS
                            : maxTokens;
            require(maxTokens >= 1, "custom.maxTokens", "at least 1");
        }
    }
}
