package io.headrace.jobs.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Custom;
import io.headrace.operators.task.Extract;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.MultiLabel;
import io.headrace.operators.task.RunningSummary;
import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.Task;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.avro.Schema;

/**
 * Makes tasks of what the file says of them.
 *
 * @param schemas reads a schema, given where it stands and how it is written
 */
record TaskReader(BiFunction<String, JsonNode, Schema> schemas) {

    Task task(TaskSpec spec) {
        if (spec.classify() != null) {
            return classify(spec, spec.classify());
        }
        if (spec.extract() != null) {
            return extract(spec, spec.extract());
        }
        if (spec.summarize() != null) {
            return summarize(spec, spec.summarize());
        }
        TaskSpec.Custom custom = spec.custom();
        return new Custom(
                spec.name(),
                custom.prompt(),
                schema(spec, custom.schema()).toString(),
                custom.maxTokens());
    }

    private Schema schema(TaskSpec spec, JsonNode written) {
        return schemas.apply("task '" + spec.name() + "'", written);
    }

    private static Task classify(TaskSpec spec, TaskSpec.Classify classify) {
        List<Label> labels =
                classify.labels().stream()
                        .map(
                                label ->
                                        new Label(
                                                label.name(),
                                                label.description(),
                                                label.examples()))
                        .toList();
        Optional<String> instruction = Optional.ofNullable(spec.instruction());
        if (classify.multiLabel()) {
            MultiLabel task = new MultiLabel(spec.name(), labels, classify.threshold());
            return new MultiLabel(
                    spec.name(),
                    instruction.orElse(task.instruction()),
                    labels,
                    classify.threshold());
        }
        Classify task = new Classify(spec.name(), labels, classify.abstainBelow());
        return new Classify(
                spec.name(),
                instruction.orElse(task.instruction()),
                labels,
                classify.abstainBelow(),
                classify.noneOfThese(),
                classify.temperature());
    }

    private Task extract(TaskSpec spec, TaskSpec.Extract extract) {
        Schema schema = schema(spec, extract.schema());
        Extract task = new Extract(spec.name(), schema, extract.verbatim(), extract.maxTokens());
        if (spec.instruction() != null) {
            task =
                    new Extract(
                            spec.name(),
                            spec.instruction(),
                            schema,
                            extract.verbatim(),
                            extract.maxTokens());
        }
        if (extract.layout() == TaskSpec.Extract.Layout.COMPACT) {
            task = task.withCompactLayout();
        }
        return extract.evidence() ? task.withEvidence() : task;
    }

    private static Task summarize(TaskSpec spec, TaskSpec.Summarize summarize) {
        Summarize task =
                new Summarize(
                        spec.name(),
                        summarize.maxTokens(),
                        summarize.maxSentences(),
                        summarize.style(),
                        summarize.language());
        if (spec.instruction() != null) {
            task =
                    new Summarize(
                            spec.name(),
                            spec.instruction(),
                            summarize.maxTokens(),
                            summarize.maxSentences());
        }
        return summarize.running() ? new RunningSummary(task, summarize.timeToLive()) : task;
    }
}
