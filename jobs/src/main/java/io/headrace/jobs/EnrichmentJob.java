package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.connectors.EndPosition;
import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.KafkaSinks;
import io.headrace.connectors.KafkaSources;
import io.headrace.connectors.OutboundRecord;
import io.headrace.connectors.SinkConfig;
import io.headrace.connectors.SourceConfig;
import io.headrace.connectors.StartPosition;
import io.headrace.connectors.TextRecord;
import io.headrace.connectors.TopicSelection;
import io.headrace.inference.ServiceClass;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.Sink;
import io.headrace.operators.CacheOptions;
import io.headrace.operators.EngineProvider;
import io.headrace.operators.Enriched;
import io.headrace.operators.EnrichmentOptions;
import io.headrace.operators.FailureAction;
import io.headrace.operators.FailurePolicy;
import io.headrace.operators.Headrace;
import io.headrace.operators.ResultOrder;
import io.headrace.operators.TextFunction;
import io.headrace.operators.TextWindow;
import io.headrace.operators.TextWindows;
import io.headrace.operators.Unenriched;
import io.headrace.operators.VersionReader;
import io.headrace.operators.state.WrapperTypeInformation;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The main job: records leave Kafka, are enriched in the task slot, and return to Kafka.
 *
 * <pre>{@code
 * source ─ prepare ─ keyBy ─ enrich ─ encode ─ sink (enriched topic)
 *             └────────────────┴────────┴───── dead letters ─ sink (dead-letter topic)
 * }</pre>
 *
 * <p>Before {@code enrich} may come windows, behind it running summaries, both by key.
 */
public final class EnrichmentJob {

    private final Pipeline pipeline;
    private final TaskSet tasks;
    private final TaskFields fields;
    private final PipelineConnections connections;
    private final EngineProvider engines;
    private final FailureOutput failures;
    private final VersionReader versions;

    /** Creates the job of a pipeline, which must name source and sink. */
    public EnrichmentJob(PipelineFile file) {
        this(file, engine(file));
    }

    /** Creates the job with engines that the caller provides. */
    public EnrichmentJob(PipelineFile file, EngineProvider engines) {
        this.pipeline = file.pipeline();
        this.tasks = file.tasks();
        this.fields = new TaskFields(tasks, pipeline.enumTasks());
        this.connections = PipelineConnections.of(file);
        this.engines = engines;
        this.versions = new PipelineVersions(file, engines);
        this.failures =
                new FailureOutput(
                        action(pipeline.failure().policy()),
                        pipeline.failure().byErrorClass().entrySet().stream()
                                .collect(
                                        Collectors.toUnmodifiableMap(
                                                Map.Entry::getKey,
                                                entry -> action(entry.getValue()))));
    }

    /** Runs the pipeline file that is the only argument, for {@code flink run}. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("usage: flink run headrace.jar PIPELINE_FILE");
        }
        PipelineFile file = PipelineFile.read(Path.of(arguments[0]));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        Preflight.of(file).check();
        new EnrichmentJob(file).addTo(environment, new EndPosition.Unbounded());
        environment.execute(file.pipeline().name());
    }

    /** Adds the operators of the live run and sets what the pipeline asks for. */
    public void addTo(StreamExecutionEnvironment environment, EndPosition end) {
        addTo(environment, JobRun.live(pipeline, end));
    }

    /** Adds the operators of a run to the environment and sets what the pipeline asks for. */
    public void addTo(StreamExecutionEnvironment environment, JobRun run) {
        configure(environment);
        SingleOutputStreamOperator<TextRecord> prepared = prepare(records(environment, run));
        KeyedStream<TextRecord, String> keyed =
                grouped(prepared, run).keyBy(TextRecord::key, Types.STRING);
        Results results =
                pipeline.source().window() == null
                        ? results(
                                keyed,
                                EnrichmentJob::textOf,
                                new RecordOutput(decoder(), connections.eventTime().isPresent()),
                                run)
                        : windowed(keyed, run);
        results.encoded()
                .sinkTo(KafkaSinks.build(sink(pipeline.sink().topic(), run)))
                .name("sink")
                .uid("sink");
        addDeadLetters(prepared.getSideOutput(FailureOutput.TAG).union(results.failures()), run);
    }

    /** Of a deletion nothing is asked. */
    private static String textOf(TextRecord record) {
        return record.source().isTombstone() ? null : record.text();
    }

    /** What goes to the output topic, and what does not. */
    private record Results(
            DataStream<OutboundRecord> encoded, DataStream<Unenriched<KafkaRecord>> failures) {}

    private Results windowed(KeyedStream<TextRecord, String> keyed, JobRun run) {
        TextWindows.Windowed<String, TextRecord> windowed =
                new TextWindows(pipeline.source().window(), pipeline.source().windowMaxCharacters())
                        .collect(keyed, TextRecord::text);
        DataStream<Unenriched<KafkaRecord>> late =
                windowed.late()
                        .process(new LateRecords(failures), Types.VOID)
                        .name("late")
                        .getSideOutput(FailureOutput.TAG);
        Results results =
                results(
                        windowed.windows().uid("window").keyBy(TextWindow::key, Types.STRING),
                        windowed.text(),
                        new WindowOutput(pipeline.source().key() == null),
                        run);
        return new Results(results.encoded(), results.failures().union(late));
    }

    private <R> Results results(
            KeyedStream<R, String> records, TextFunction<R> text, OutputForm<R> form, JobRun run) {
        Headrace<R> headrace =
                Headrace.enrich(records, text).with(engines).options(options(run)).uid("enrich");
        for (Task task : tasks.tasks()) {
            tasks.adapter(task)
                    .ifPresentOrElse(name -> headrace.task(task, name), () -> headrace.task(task));
        }
        if (pipeline.control() != null && run.followsControl()) {
            headrace.control(control(records.getExecutionEnvironment(), run), versions);
        }
        Headrace.EnrichedStream<R> enriched = headrace.build();
        SingleOutputStreamOperator<OutboundRecord> encoded = encode(enriched.results(), form);
        return new Results(
                encoded,
                ofSources(enriched.failures(), form)
                        .union(encoded.getSideOutput(FailureOutput.TAG)));
    }

    private DataStream<KafkaRecord> records(StreamExecutionEnvironment environment, JobRun run) {
        WatermarkStrategy<KafkaRecord> watermarks =
                WatermarkStrategy.<KafkaRecord>forBoundedOutOfOrderness(
                                pipeline.source().maxOutOfOrder())
                        .withIdleness(pipeline.source().idleAfter());
        SourceConfig config =
                new SourceConfig(
                        connections.kafka().with(run.consumerProperties()),
                        connections.topics(),
                        run.groupId(),
                        run.start(),
                        run.end());
        return environment
                .fromSource(
                        KafkaSources.build(config),
                        connections
                                .eventTime()
                                .map(
                                        field ->
                                                watermarks.withTimestampAssigner(
                                                        new RecordTimes(decoder(), field)))
                                .orElse(watermarks),
                        "source",
                        KafkaRecord.typeInformation())
                .uid("source");
    }

    private DataStream<String> control(StreamExecutionEnvironment environment, JobRun run) {
        SourceConfig config =
                new SourceConfig(
                        connections.kafka(),
                        new TopicSelection.Names(List.of(pipeline.control().topic())),
                        run.groupId() + "-control",
                        new StartPosition.Latest(),
                        run.end());
        return environment
                .fromSource(
                        KafkaSources.build(config),
                        WatermarkStrategy.noWatermarks(),
                        "control source",
                        KafkaRecord.typeInformation())
                .setParallelism(1)
                .uid("control-source")
                .map(record -> record.value() == null ? "" : new String(record.value(), UTF_8))
                .returns(Types.STRING)
                .name("control message")
                .setParallelism(1);
    }

    private SingleOutputStreamOperator<TextRecord> prepare(DataStream<KafkaRecord> records) {
        return records.process(
                        new RecordPreparation(
                                decoder(),
                                new RecordPreparation.RecordFields(
                                        pipeline.source().key(),
                                        pipeline.source().text(),
                                        connections.eventTime().orElse(null),
                                        pipeline.source().upsert()),
                                failures),
                        TextRecord.typeInformation())
                .name("prepare")
                .uid("prepare");
    }

    private DataStream<TextRecord> grouped(DataStream<TextRecord> prepared, JobRun run) {
        boolean groups =
                run.serviceClass() == ServiceClass.BACKFILL
                        && pipeline.source().window() == null
                        && pipeline.job().order() == Pipeline.Order.UNORDERED;
        return groups
                ? prepared.transform(
                                "group by length",
                                TextRecord.typeInformation(),
                                new LengthGrouping())
                        .uid("group-by-length")
                : prepared;
    }

    private <R> SingleOutputStreamOperator<OutboundRecord> encode(
            DataStream<Enriched<R>> enriched, OutputForm<R> form) {
        return enriched.process(
                        new EnrichedEncoder<>(
                                pipeline.name(),
                                fields,
                                form,
                                new TopicWriter(connections.sink(), pipeline.sink().topic()),
                                failures),
                        OutboundRecord.typeInformation())
                .name("encode")
                .uid("encode");
    }

    private static <R> DataStream<Unenriched<KafkaRecord>> ofSources(
            DataStream<Unenriched<R>> failures, OutputForm<R> form) {
        return failures.<Unenriched<KafkaRecord>>flatMap(
                        (it, out) ->
                                form.sources(it.record())
                                        .forEach(
                                                source ->
                                                        out.collect(
                                                                new Unenriched<>(
                                                                        source,
                                                                        it.failure(),
                                                                        it.modelDigest()))))
                .returns(WrapperTypeInformation.unenriched(KafkaRecord.typeInformation()))
                .name("failures");
    }

    private void addDeadLetters(DataStream<Unenriched<KafkaRecord>> unenriched, JobRun run) {
        String topic = pipeline.sink().deadLetterTopic();
        unenriched
                .map(
                        new DeadLetterEncoder(
                                pipeline.name(),
                                tasks.version(),
                                new TopicWriter(connections.sink(), topic)))
                .returns(OutboundRecord.typeInformation())
                .name("encode dead letters")
                .uid("encode-dead-letters")
                .sinkTo(KafkaSinks.build(sink(topic, run)))
                .name("dead-letter sink")
                .uid("dead-letter-sink");
    }

    private RecordDecoder decoder() {
        return new RecordDecoder(connections.source());
    }

    /** The engines that answer a pipeline's tasks. */
    public static EngineProvider engine(PipelineFile file) {
        return new PipelineEngines(file).provider();
    }

    private void configure(StreamExecutionEnvironment environment) {
        Configuration configuration = new Configuration();
        // Kryo would hide a missing serializer and write state that nobody can evolve.
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        // A full operator holds aligned barriers back for as long as inference takes.
        configuration.set(CheckpointingOptions.ENABLE_UNALIGNED, true);
        environment.configure(configuration);
        environment.enableCheckpointing(
                pipeline.job().checkpointInterval().toMillis(), CheckpointingMode.EXACTLY_ONCE);
        if (pipeline.job().parallelism() != null) {
            environment.setParallelism(pipeline.job().parallelism());
        }
    }

    private static FailureAction action(Pipeline.Policy policy) {
        return switch (policy) {
            case DEAD_LETTER -> FailureAction.DEAD_LETTER;
            case FAIL_JOB -> FailureAction.FAIL_JOB;
        };
    }

    private SinkConfig sink(String topic, JobRun run) {
        return new SinkConfig(
                connections.kafka(),
                topic,
                pipeline.sink().guarantee() == Sink.Guarantee.EXACTLY_ONCE
                        ? DeliveryGuarantee.EXACTLY_ONCE
                        : DeliveryGuarantee.AT_LEAST_ONCE,
                run.transactionalIdPrefix(topic),
                pipeline.sink().transactionTimeout());
    }

    private EnrichmentOptions options(JobRun run) {
        Pipeline.Job job = pipeline.job();
        Pipeline.Failure failure = pipeline.failure();
        return new EnrichmentOptions(
                switch (job.order()) {
                    case UNORDERED -> ResultOrder.UNORDERED;
                    case PER_KEY -> ResultOrder.PER_KEY;
                    case ORDERED -> ResultOrder.ORDERED;
                },
                job.maxInFlight(),
                job.maxInFlightTokens(),
                new CacheOptions(job.cacheTimeToLive(), job.cacheTextsPerKey()),
                new FailurePolicy(
                        failure.timeout(),
                        failure.maxAttempts(),
                        failure.backoff(),
                        failures.action(),
                        failures.byErrorClass()),
                run.serviceClass());
    }
}
