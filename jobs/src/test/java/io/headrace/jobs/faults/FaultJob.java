package io.headrace.jobs.faults;

import io.headrace.connectors.KafkaConnection;
import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.KafkaSinks;
import io.headrace.connectors.KafkaSources;
import io.headrace.connectors.OutboundRecord;
import io.headrace.connectors.SinkConfig;
import io.headrace.connectors.SourceConfig;
import io.headrace.operators.Enriched;
import io.headrace.operators.EnrichmentOptions;
import io.headrace.operators.FailurePolicy;
import io.headrace.operators.Headrace;
import io.headrace.operators.ResultOrder;
import io.headrace.operators.Unenriched;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Extract;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.RunningSummary;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.RemoteStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A job of our own source, operator and exactly-once sink around a {@link TestEngine}. Values are
 * {@code key:number:text}; they come out as they went in, dead letters with their reason before.
 *
 * @param kafka the brokers
 * @param restPort of the cluster that runs it
 * @param name of the job; its topics are {@code NAME-in}, {@code NAME-out} and {@code NAME-dead}
 * @param folder for checkpoints, savepoints and the engine's notes
 */
record FaultJob(KafkaConnection kafka, int restPort, String name, Path folder) {

    static final int MAX_IN_FLIGHT = 64;

    private static final Classify INTENT =
            new Classify("intent", List.of(Label.of("refund"), Label.of("lost_card")), 0);
    private static final Extract FACTS =
            new Extract(
                    "facts",
                    new Schema.Parser()
                            .parse(
                                    """
                                    {"type":"record","name":"Facts","fields":[
                                     {"name":"people","type":"int"}]}"""),
                    false,
                    60);

    /** A running summary of each key. */
    static final RunningSummary STORY = new RunningSummary("story", 60);

    /**
     * How a run differs from others.
     *
     * @param tasks what is asked; a {@link #STORY} stands behind the value in the output
     */
    record Run(
            int parallelism,
            String stateBackend,
            int engineMillis,
            Duration timeout,
            Optional<String> savepoint,
            List<Task> tasks) {

        static Run of(int parallelism) {
            return new Run(
                    parallelism,
                    "hashmap",
                    5,
                    Duration.ofMinutes(5),
                    Optional.empty(),
                    List.of(INTENT, FACTS));
        }

        Run onBackend(String backend) {
            return new Run(parallelism, backend, engineMillis, timeout, savepoint, tasks);
        }

        Run withEngineMillis(int millis) {
            return new Run(parallelism, stateBackend, millis, timeout, savepoint, tasks);
        }

        Run withTimeout(Duration newTimeout) {
            return new Run(parallelism, stateBackend, engineMillis, newTimeout, savepoint, tasks);
        }

        Run withTasks(Task... others) {
            return new Run(
                    parallelism, stateBackend, engineMillis, timeout, savepoint, List.of(others));
        }

        /** Goes on from a savepoint with another number of subtasks. */
        Run from(String path, int newParallelism) {
            return new Run(
                    newParallelism, stateBackend, engineMillis, timeout, Optional.of(path), tasks);
        }
    }

    String input() {
        return name + "-in";
    }

    String output() {
        return name + "-out";
    }

    String dead() {
        return name + "-dead";
    }

    Path engineFolder() {
        return folder.resolve("engine");
    }

    JobClient start(Run run) throws Exception {
        StreamExecutionEnvironment environment =
                new RemoteStreamEnvironment("127.0.0.1", restPort, configuration(run));
        environment.setParallelism(run.parallelism());
        environment.setMaxParallelism(16);
        build(environment, run);
        return environment.executeAsync(name);
    }

    private Configuration configuration(Run run) {
        Configuration configuration = new Configuration();
        Map.of(
                        "pipeline.generic-types", "false",
                        "execution.checkpointing.interval", "500 ms",
                        "execution.checkpointing.unaligned.enabled", "true",
                        "execution.checkpointing.dir", folder.resolve("checkpoints").toUri() + "",
                        "state.backend.type", run.stateBackend(),
                        "restart-strategy.type", "fixed-delay",
                        "restart-strategy.fixed-delay.attempts", "10000",
                        "restart-strategy.fixed-delay.delay", "300 ms")
                .forEach(configuration::setString);
        run.savepoint()
                .ifPresent(path -> configuration.setString("execution.state-recovery.path", path));
        return configuration;
    }

    private void build(StreamExecutionEnvironment environment, Run run) {
        Headrace<KafkaRecord> headrace =
                Headrace.enrich(
                                environment
                                        .fromSource(
                                                KafkaSources.build(
                                                        SourceConfig.of(kafka, input(), name)),
                                                WatermarkStrategy.noWatermarks(),
                                                "source",
                                                KafkaRecord.typeInformation())
                                        .uid("source")
                                        .keyBy(FaultJob::key),
                                FaultJob::text)
                        .with(new TestEngine.Provider(engineFolder() + "", run.engineMillis()))
                        .options(options(run));
        run.tasks().forEach(headrace::task);
        Headrace.EnrichedStream<KafkaRecord> enriched = headrace.build();
        enriched.results()
                .uid("enrich")
                .map(FaultJob::enriched)
                .returns(OutboundRecord.typeInformation())
                .uid("encode")
                .sinkTo(KafkaSinks.build(sink(output())))
                .name("sink")
                .uid("sink");
        enriched.failures()
                .map(FaultJob::dead)
                .returns(OutboundRecord.typeInformation())
                .uid("encode-dead")
                .sinkTo(KafkaSinks.build(sink(dead())))
                .name("dead-letter sink")
                .uid("dead-sink");
    }

    private static EnrichmentOptions options(Run run) {
        return EnrichmentOptions.DEFAULT
                .withOrder(ResultOrder.PER_KEY)
                .withMaxInFlight(MAX_IN_FLIGHT)
                .withFailurePolicy(
                        FailurePolicy.DEFAULT
                                .withTimeout(run.timeout())
                                .withMaxAttempts(2)
                                .withBackoff(Duration.ofMillis(100)));
    }

    private SinkConfig sink(String topic) {
        return SinkConfig.exactlyOnce(kafka, topic, topic + "-tx");
    }

    private static String value(KafkaRecord record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }

    private static String key(KafkaRecord record) {
        return new String(record.key(), StandardCharsets.UTF_8);
    }

    private static String text(KafkaRecord record) {
        return value(record).split(":", 3)[2];
    }

    private static OutboundRecord enriched(Enriched<KafkaRecord> enriched) {
        String value = value(enriched.record());
        return outbound(
                enriched.record(),
                enriched.results().get(0) instanceof TaskResult.Summarized story
                        ? withStory(value, story.text())
                        : value);
    }

    /** A value as it comes out with the summary up to it. */
    static String withStory(String value, String story) {
        return value + ":" + story;
    }

    private static OutboundRecord dead(Unenriched<KafkaRecord> dead) {
        return outbound(
                dead.record(),
                dead.failure().stage()
                        + "/"
                        + dead.failure().errorClass()
                        + " "
                        + value(dead.record()));
    }

    private static OutboundRecord outbound(KafkaRecord record, String value) {
        return new OutboundRecord(
                record.key(),
                value.getBytes(StandardCharsets.UTF_8),
                record.headers(),
                record.timestampMillis());
    }
}
