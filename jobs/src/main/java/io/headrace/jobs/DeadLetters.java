package io.headrace.jobs;

import io.headrace.connectors.KafkaCheck;
import io.headrace.connectors.Replay;
import io.headrace.connectors.ReplayFilter;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import java.time.Duration;

/** The dead letters that the jobs of a pipeline wrote. */
public final class DeadLetters {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Pipeline pipeline;
    private final PipelineConnections connections;

    /** Takes the pipeline, which must name source and sink. */
    public DeadLetters(PipelineFile file) {
        this.pipeline = file.pipeline();
        this.connections = PipelineConnections.of(file);
    }

    /**
     * Sends letters back to their topics.
     *
     * @param dryRun whether only to say what would be sent
     */
    public Replay.Report replay(ReplayFilter filter, boolean dryRun) {
        String topic = pipeline.sink().deadLetterTopic();
        try (KafkaCheck kafka = KafkaCheck.connect(connections.kafka(), PATIENCE)) {
            kafka.requireTopic(topic);
        }
        Replay replay =
                new Replay(
                        connections.kafka(),
                        new Replay.Letters(
                                pipeline.name(),
                                topic,
                                connections.sink(),
                                "headrace-" + pipeline.name() + "/replay"),
                        filter);
        return dryRun ? replay.dryRun() : replay.run();
    }
}
