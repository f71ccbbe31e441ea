package io.headrace.operators;

import io.headrace.operators.state.WrapperTypeInformation;
import io.headrace.operators.task.RunningSummary;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.functions.KeySelector;
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
    private String uid;
    private RowKindFunction<T> kinds;
    private DataStream<String> control;
    private VersionReader versions;

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

    /** The engines, as the operators of this share and use them. */
    private EngineProvider used() {
        EngineUse use = engines.use();
        Map<String, Cascade> all = new HashMap<>(use.cascades());
        all.putAll(cascades);
        for (String name : all.keySet()) {
            if (tasks.stream().noneMatch(task -> task.name().equals(name))) {
                throw new IllegalStateException(
                        "there is no task '" + name + "' to ask a second model for");
            }
        }
        long running = tasks.stream().filter(Headrace::isRunning).count();
        int operators = (int) running + (running < tasks.size() ? 1 : 0);
        return new EngineUse(all, use.referencePrices(), operators).of(engines);
    }

    /**
     * Says that the stream is a changelog whose updates and deletions take the old row back, keyed
     * by the table's key. Retractions are not asked about: they carry the results that went out
     * with the row. Needs results in the order of the keys, which is the default.
     */
    public Headrace<T> changelog(RowKindFunction<T> kindOf) {
        kinds = Objects.requireNonNull(kindOf, "kindOf");
        return this;
    }

    /**
     * Lets each message of a stream change model, adapters or prompts while the job runs: the
     * version that it describes is loaded and tried beside the one in force, and comes into force
     * at a checkpoint, in all subtasks or in none. What is in force is part of the checkpoint.
     */
    public Headrace<T> control(DataStream<String> messages, VersionReader reader) {
        control = Objects.requireNonNull(messages, "messages");
        versions = Objects.requireNonNull(reader, "reader");
        return this;
    }

    /**
     * Names the state of the operators that this adds: that of the tasks bears the name itself,
     * that of a running summary the name, a dash and the name of the summary, that of a changelog's
     * rows the name and {@code -rows}, that of a control stream the name and {@code -control}.
     */
    public Headrace<T> uid(String newUid) {
        uid = Objects.requireNonNull(newUid, "newUid");
        return this;
    }

    /** Adds the operators to the job. */
    public EnrichedStream<T> build() {
        if (engines == null) {
            throw new IllegalStateException("no model was given; call with(…)");
        }
        TaskSet all = new TaskSet(tasks, adapters);
        List<Task> each = tasks.stream().filter(task -> !isRunning(task)).toList();
        EnrichedStream<T> built =
                each.isEmpty() ? unanswered() : enriched(new TaskSet(each, adapters));
        for (int i = 0; i < tasks.size(); i++) {
            if (isRunning(tasks.get(i))) {
                built = withSummary(built, all, i);
            }
        }
        return kinds == null ? built : withRetractions(built);
    }

    private static boolean isRunning(Task task) {
        return task instanceof RunningSummary;
    }

    private EnrichedStream<T> enriched(TaskSet each) {
        EnrichmentOperator.Plan<T> plan =
                new EnrichmentOperator.Plan<>(
                        each,
                        kinds == null ? text : Retractions.textOfAdditions(kinds, text),
                        used(),
                        options,
                        stream.getType(),
                        failures());
        SingleOutputStreamOperator<Enriched<T>> results =
                control == null
                        ? stream.transform(
                                "enrich", enrichedType(), new EnrichmentOperatorFactory<>(plan))
                        : switching(plan);
        if (uid != null) {
            results.uid(uid);
        }
        return new EnrichedStream<>(results, results.getSideOutput(failures()));
    }

    private SingleOutputStreamOperator<Enriched<T>> switching(EnrichmentOperator.Plan<T> plan) {
        if (tasks.stream().anyMatch(Headrace::isRunning)) {
            throw new IllegalStateException(
                    "a running summary goes on with the model that it began with; leave the control"
                            + " stream out, or enrich in a job of its own");
        }
        return stream.connect(
                        ControlMessage.inOrder(control, uid == null ? null : uid + "-control"))
                .transform(
                        "enrich",
                        enrichedType(),
                        new SwitchingEnrichmentOperatorFactory<>(plan, versions));
    }

    /** The records as they are, where only running summaries are asked for. */
    private EnrichedStream<T> unanswered() {
        SingleOutputStreamOperator<Enriched<T>> results =
                stream.map(record -> new Enriched<>(record, List.of(), Provenance.none()))
                        .returns(enrichedType());
        return new EnrichedStream<>(results, results.getSideOutput(failures()));
    }

    private EnrichedStream<T> withSummary(EnrichedStream<T> before, TaskSet all, int position) {
        if (!(stream instanceof KeyedStream<T, ?> keyed)) {
            throw new IllegalStateException("a running summary needs keys; call keyBy first");
        }
        if (options.order() != ResultOrder.PER_KEY) {
            throw new IllegalStateException(
                    "a running summary needs the records of a key in their order; choose PER_KEY");
        }
        Task task = all.tasks().get(position);
        SingleOutputStreamOperator<Enriched<T>> results =
                keyedLike(keyed, before.results())
                        .transform(
                                task.name(),
                                enrichedType(),
                                new RunningSummaryOperator<>(
                                        new RunningSummaryOperator.Plan<>(
                                                new TaskSet(List.of(task), adapters),
                                                position,
                                                all.version(),
                                                text,
                                                used(),
                                                options,
                                                enrichedType(),
                                                failures())));
        if (uid != null) {
            results.uid(uid + "-" + task.name());
        }
        return new EnrichedStream<>(
                results, before.failures().union(results.getSideOutput(failures())));
    }

    private EnrichedStream<T> withRetractions(EnrichedStream<T> before) {
        if (!(stream instanceof KeyedStream<T, ?> keyed)
                || options.order() != ResultOrder.PER_KEY) {
            throw new IllegalStateException(
                    "a changelog needs its rows in the order of their keys; call keyBy first and"
                            + " choose PER_KEY");
        }
        if (tasks.stream().anyMatch(Headrace::isRunning)) {
            throw new IllegalStateException(
                    "a running summary sums up events, not the rows of a changelog");
        }
        SingleOutputStreamOperator<Enriched<T>> results =
                withRetractions(keyedLike(keyed, before.results()));
        if (uid != null) {
            results.uid(uid + "-rows");
        }
        return new EnrichedStream<>(results, before.failures());
    }

    @SuppressWarnings("unchecked") // the function takes keys of any type
    private SingleOutputStreamOperator<Enriched<T>> withRetractions(
            KeyedStream<Enriched<T>, ?> results) {
        return ((KeyedStream<Enriched<T>, Object>) results)
                .process(new Retractions<>(kinds, text, enrichedType()), enrichedType())
                .name("rows");
    }

    private static <T, K> KeyedStream<Enriched<T>, K> keyedLike(
            KeyedStream<T, K> stream, DataStream<Enriched<T>> results) {
        KeySelector<T, K> key = stream.getKeySelector();
        return results.keyBy(result -> key.getKey(result.record()), stream.getKeyType());
    }

    private TypeInformation<Enriched<T>> enrichedType() {
        return WrapperTypeInformation.enriched(stream.getType());
    }

    private OutputTag<Unenriched<T>> failures() {
        return new OutputTag<>("unenriched", WrapperTypeInformation.unenriched(stream.getType()));
    }
}
