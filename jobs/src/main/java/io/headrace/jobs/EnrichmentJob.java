package io.headrace.jobs;

import io.headrace.connectors.EndPosition;
import io.headrace.connectors.KafkaConnection;
import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.KafkaSinks;
import io.headrace.connectors.KafkaSources;
import io.headrace.connectors.OutboundRecord;
import io.headrace.connectors.SchemaRegistryConfig;
import io.headrace.connectors.SinkConfig;
import io.headrace.connectors.SourceConfig;
import io.headrace.connectors.StartPosition;
import io.headrace.connectors.TopicSelection;
import io.headrace.inference.ServiceClass;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.CacheOptions;
import io.headrace.operators.EnrichmentOptions;
import io.headrace.operators.FailureAction;
import io.headrace.operators.FailurePolicy;
import io.headrace.operators.Headrace;
import io.headrace.operators.LocalEngineProvider;
import io.headrace.operators.ResultOrder;
import io.headrace.operators.Unenriched;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The main job: records leave Kafka, are enriched in the task slot, and return to Kafka.
 *
 * <pre>{@code
 * source ─ keyBy ─ enrich ─ encode ─ sink (enriched topic)
 *                    └────────┴───── dead letters ─ sink (dead-letter topic)
 * }</pre>
 */
public final class EnrichmentJob {

    private static final Duration OUT_OF_ORDER = Duration.ofSeconds(5);
    private static final Duration IDLE_AFTER = Duration.ofMinutes(1);

    private final PipelineFile file;
    private final Pipeline pipeline;
    private final TaskSet tasks;
    private final KafkaConnection kafka;
    private final SchemaRegistryConfig registry;

    /** Creates the job of a pipeline, which must name source and sink. */
    public EnrichmentJob(PipelineFile file) {
        this.file = file;
        this.pipeline = file.pipeline();
        this.tasks = file.tasks();
        PipelineConnections connections = PipelineConnections.of(file);
        this.kafka = connections.kafka();
        this.registry = connections.registry();
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

    /** Adds the job's operators to the environment and sets what the pipeline asks for. */
    public void addTo(StreamExecutionEnvironment environment, EndPosition end) {
        configure(environment);
        RecordDecoder decoder = new RecordDecoder(registry);
        DataStream<KafkaRecord> records =
                environment
                        .fromSource(
                                KafkaSources.build(source(end)),
                                WatermarkStrategy.<KafkaRecord>forBoundedOutOfOrderness(
                                                OUT_OF_ORDER)
                                        .withIdleness(IDLE_AFTER),
                                "source",
                                KafkaRecord.typeInformation())
                        .uid("source");
        Headrace<KafkaRecord> headrace =
                Headrace.enrich(
                                records.keyBy(new RecordKey(decoder, pipeline.source().key())),
                                new RecordText(decoder, pipeline.source().text()))
                        .with(engine(file))
                        .options(options());
        for (Task task : tasks.tasks()) {
            headrace.task(task);
        }
        Headrace.EnrichedStream<KafkaRecord> enriched = headrace.build();
        SingleOutputStreamOperator<OutboundRecord> encoded =
                enriched.results()
                        .uid("enrich")
                        .process(
                                new EnrichedEncoder(
                                        pipeline.name(),
                                        tasks,
                                        decoder,
                                        writer(pipeline.sink().topic())),
                                OutboundRecord.typeInformation())
                        .name("encode")
                        .uid("encode");
        encoded.sinkTo(KafkaSinks.build(sink(pipeline.sink().topic()))).name("sink").uid("sink");
        DataStream<Unenriched<KafkaRecord>> failures =
                enriched.failures().union(encoded.getSideOutput(EnrichedEncoder.FAILURES));
        failures.map(
                        new DeadLetterEncoder(
                                pipeline.name(),
                                tasks.version(),
                                writer(pipeline.sink().deadLetterTopic())))
                .returns(OutboundRecord.typeInformation())
                .name("encode dead letters")
                .uid("encode-dead-letters")
                .sinkTo(KafkaSinks.build(sink(pipeline.sink().deadLetterTopic())))
                .name("dead-letter sink")
                .uid("dead-letter-sink");
    }

    /** The engine that a pipeline's model runs in. */
    public static LocalEngineProvider engine(PipelineFile file) {
        Pipeline.Model model = file.pipeline().model();
        return new LocalEngineProvider(
                file.modelPath().toString(),
                model.contextTokens(),
                model.maxSequences(),
                model.threads());
    }

    /** The subject of a topic's values, by Confluent's default naming. */
    static String subjectOf(String topic) {
        return topic + "-value";
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

    private SourceConfig source(EndPosition end) {
        Pipeline.Source source = pipeline.source();
        StartPosition start =
                switch (source.start()) {
                    case EARLIEST -> new StartPosition.Earliest();
                    case LATEST -> new StartPosition.Latest();
                    case COMMITTED -> new StartPosition.Committed();
                };
        String group = source.groupId() == null ? "headrace-" + pipeline.name() : source.groupId();
        return new SourceConfig(kafka, TopicSelection.of(source.topic()), group, start, end);
    }

    private SubjectWriter writer(String topic) {
        return new SubjectWriter(registry, subjectOf(topic));
    }

    private SinkConfig sink(String topic) {
        return new SinkConfig(
                kafka,
                topic,
                pipeline.sink().guarantee() == Pipeline.Guarantee.EXACTLY_ONCE
                        ? DeliveryGuarantee.EXACTLY_ONCE
                        : DeliveryGuarantee.AT_LEAST_ONCE,
                "headrace-" + pipeline.name() + "-" + topic,
                pipeline.sink().transactionTimeout());
    }

    private EnrichmentOptions options() {
        Pipeline.Job job = pipeline.job();
        Pipeline.Failure failure = pipeline.failure();
        return new EnrichmentOptions(
                switch (job.order()) {
                    case UNORDERED -> ResultOrder.UNORDERED;
                    case PER_KEY -> ResultOrder.PER_KEY;
                    case ORDERED -> ResultOrder.ORDERED;
                },
                job.maxInFlight(),
                EnrichmentOptions.DEFAULT.maxInFlightTokens(),
                new CacheOptions(job.cacheTimeToLive(), CacheOptions.DEFAULT.maxEntriesPerKey()),
                new FailurePolicy(
                        failure.timeout(),
                        failure.maxAttempts(),
                        failure.backoff(),
                        failure.policy() == Pipeline.FailureAction.FAIL_JOB
                                ? FailureAction.FAIL_JOB
                                : FailureAction.DEAD_LETTER,
                        Map.of()),
                ServiceClass.LIVE);
    }
}
