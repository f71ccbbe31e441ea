package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.connectors.KafkaCheck;
import io.headrace.connectors.KafkaConnection;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.PipelineFileException;
import io.headrace.operators.ModelVersion;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The topic through which a running job is told to change its models and tasks. */
public final class ControlTopic {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final PipelineFile file;
    private final String topic;

    private ControlTopic(PipelineFile file) {
        this.file = file;
        if (file.pipeline().control() == null) {
            throw new PipelineFileException(
                    file.path()
                            + ": the pipeline has no control topic; add 'control: { topic: … }' and"
                            + " start the job with it");
        }
        this.topic = file.pipeline().control().topic();
    }

    /**
     * The topic that a pipeline file names.
     *
     * @throws PipelineFileException if it names none
     */
    public static ControlTopic of(PipelineFile file) {
        return new ControlTopic(file);
    }

    /**
     * What a message makes of the file, as far as that can be told here: the model is loaded where
     * the job runs.
     *
     * @throws RuntimeException with a sentence that says why the job would refuse it
     */
    public ModelVersion check(String message) {
        return new PipelineVersions(file, new PipelineEngines(file).provider()).read(message);
    }

    /** Sends a message; returns when it is in the topic. */
    public void send(String message) throws InterruptedException {
        KafkaConnection kafka = PipelineConnections.of(file).kafka();
        try (KafkaCheck check = KafkaCheck.connect(kafka, PATIENCE)) {
            check.requireTopic(topic);
        }
        Properties properties = kafka.clientProperties();
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis() / 2);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, message.getBytes(UTF_8))).get();
        } catch (ExecutionException e) {
            throw new PipelineFileException(
                    "cannot send to the control topic " + topic + ": " + e.getCause().getMessage());
        }
    }

    /** Its name. */
    public String name() {
        return topic;
    }
}
