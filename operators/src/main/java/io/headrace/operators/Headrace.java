package io.headrace.operators;

import io.headrace.operators.state.WrapperTypeInformation;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.OutputTag;

/**
 * Enriches a stream with a language model, in a few lines.
 *
 * <pre>{@code
 * EnrichedStream<Message> enriched =
 *         Headrace.enrich(messages, message -> message.body())
 *                 .with(engines)
 *                 .task(new Classify("intent", labels, 0.4))
 *                 .task(new Summarize("summary", 40))
 *                 .build();
 * enriched.results().sinkTo(…);
 * enriched.failures().sinkTo(…);
 * }</pre>
 *
 * <p>On a {@link KeyedStream} results of one key leave in the order they came and equal texts of a
 * key are answered from the result cache.
 */
public final class Headrace<T> {

    /** A stream of results with the stream of records that have none. */
    public record EnrichedStream<T>(
            SingleOutputStreamOperator<Enriched<T>> results, DataStream<Unenriched<T>> failures) {}

    private final DataStream<T> stream;
    private final TextFunction<T> text;
    private final List<Task> tasks = new ArrayList<>();
    private final Map<String, String> adapters = new HashMap<>();
    private final Map<String, Cascade> cascades = new HashMap<>();
    private EngineProvider engines;
    private EnrichmentOptions options;

    private Headrace(DataStream<T> stream, TextFunction<T> text) {
        this.stream = Objects.requireNonNull(stream, "stream");
        this.text = Objects.requireNonNull(text, "text");
        this.options =
                stream instanceof KeyedStream
                        ? EnrichmentOptions.DEFAULT.withOrder(ResultOrder.PER_KEY)
                        : EnrichmentOptions.DEFAULT;
    }

    /** Begins with a stream and the text that the model sees of a record. */
    public static <T> Headrace<T> enrich(DataStream<T> stream, TextFunction<T> text) {
        return new Headrace<>(stream, text);
    }

    /** The model, for instance a {@link LocalEngineProvider}. */
    public Headrace<T> with(EngineProvider provider) {
        engines = Objects.requireNonNull(provider, "provider");
        return this;
    }

    /** Asks a second engine for a task's records that the first is not sure of. */
    public Headrace<T> cascade(String task, Cascade cascade) {
        cascades.put(task, Objects.requireNonNull(cascade, "cascade"));
        return this;
    }

    /** Adds a task. */
    public Headrace<T> task(Task task) {
        tasks.add(Objects.requireNonNull(task, "task"));
        return this;
    }

    /** Adds a task that is done with a LoRA adapter, which the provider knows by this name. */
    public Headrace<T> task(Task task, String adapter) {
        adapters.put(task.name(), Objects.requireNonNull(adapter, "adapter"));
        return task(task);
    }

    /** Replaces the default options. */
    public Headrace<T> options(EnrichmentOptions newOptions) {
        options = Objects.requireNonNull(newOptions, "newOptions");
        return this;
    }

    private EngineProvider used() {
        EngineUse use = engines.use();
        cascades.putAll(use.cascades());
        return cascades.equals(use.cascades())
                ? engines
                : new EngineUse(cascades, use.referencePrices()).of(engines);
    }

    /** Adds the operator to the job. */
    public EnrichedStream<T> build() {
        if (engines == null) {
            throw new IllegalStateException("no model was given; call with(…)");
        }
        OutputTag<Unenriched<T>> failures =
                new OutputTag<>("unenriched", WrapperTypeInformation.unenriched(stream.getType()));
        EnrichmentOperatorFactory<T> factory =
                new EnrichmentOperatorFactory<>(
                        new EnrichmentOperator.Plan<>(
                                new TaskSet(tasks, adapters),
                                text,
                                used(),
                                options,
                                stream.getType(),
                                failures));
        SingleOutputStreamOperator<Enriched<T>> results =
                stream.transform(
                        "enrich", WrapperTypeInformation.enriched(stream.getType()), factory);
        return new EnrichedStream<>(results, results.getSideOutput(failures));
    }
}
