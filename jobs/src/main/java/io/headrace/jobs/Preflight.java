package io.headrace.jobs;

import io.headrace.connectors.KafkaCheck;
import io.headrace.inference.gguf.GgufReader;
import io.headrace.inference.remote.ServerCheck;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.Sink;
import java.time.Duration;
import java.util.Set;

/**
 * The checks before a job starts: model, topics, registry, text template and output schema. Each
 * failure is one sentence that says what, where and what to do.
 */
public final class Preflight {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final PipelineFile file;
    private final Pipeline pipeline;
    private final PipelineConnections connections;

    private Preflight(PipelineFile file) {
        this.file = file;
        this.pipeline = file.pipeline();
        this.connections = PipelineConnections.of(file);
    }

    public static Preflight of(PipelineFile file) {
        return new Preflight(file);
    }

    /** Runs all checks; throws what the first one finds wrong. */
    public void check() {
        checkModels();
        Set<String> topics = checkTopics();
        new SchemaCheck(file, connections).check(topics);
    }

    private void checkModels() {
        for (Pipeline.Model model : file.models()) {
            if (model.path() != null) {
                // The weights are loaded where the job runs, which may be another machine.
                GgufReader.read(file.modelPath(model));
            }
        }
        new PipelineEngines(file).servers().forEach(ServerCheck::check);
    }

    /** Returns the topics of the source. */
    private Set<String> checkTopics() {
        try (KafkaCheck kafka = KafkaCheck.connect(connections.kafka(), PATIENCE)) {
            kafka.requireTopics(connections.topics());
            Set<String> sources = kafka.topics(connections.topics());
            if (pipeline.sink().createTopics()) {
                kafka.createIfMissing(pipeline.sink().topic(), kafka.mostPartitions(sources));
                kafka.createIfMissing(pipeline.sink().deadLetterTopic(), 1);
            } else {
                kafka.requireTopic(pipeline.sink().topic());
                kafka.requireTopic(pipeline.sink().deadLetterTopic());
            }
            if (pipeline.control() != null) {
                kafka.requireTopic(pipeline.control().topic());
            }
            if (pipeline.sink().guarantee() == Sink.Guarantee.EXACTLY_ONCE) {
                kafka.requireTransactionTimeout(pipeline.sink().transactionTimeout());
            }
            return sources;
        }
    }
}
