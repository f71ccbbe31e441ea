package io.headrace.jobs.demo;

import io.headrace.connectors.EndPosition;
import io.headrace.connectors.RecordFormatException;
import io.headrace.connectors.SchemaRegistryConfig;
import io.headrace.jobs.EnrichmentJob;
import io.headrace.jobs.LocalFlink;
import io.headrace.jobs.Preflight;
import io.headrace.jobs.RunFigures;
import io.headrace.jobs.RunSummary;
import io.headrace.jobs.eval.ClassificationScore;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.report.RunReport;
import io.headrace.jobs.report.Throughput;
import io.headrace.local.LocalServers;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.core.execution.JobClient;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Runs the example pipeline on a broker, a registry and a Flink that it starts itself and ends
 * again, with generated messages, and shows what comes back.
 */
public final class Demo {

    /** What the demo did. */
    public record Outcome(
            RunSummary summary,
            long recordsIn,
            long durationMillis,
            double intentAccuracy,
            RunReport report) {}

    private static final Duration STUCK_AFTER = Duration.ofMinutes(3);
    private static final int PARTITIONS = 2;

    private final DemoOptions options;
    private final PrintStream out;
    private final RunSummary summary = new RunSummary();
    private final ClassificationScore intents = new ClassificationScore();
    private final Throughput throughput = new Throughput(System::nanoTime);

    public Demo(DemoOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** Runs the demo until every message has come back. */
    public Outcome run() throws Exception {
        CustomerMessages messages =
                CustomerMessages.read(options.home().resolve("model/messages-heldout.jsonl"));
        Schema schema =
                new Schema.Parser()
                        .parse(
                                Files.readString(
                                        options.home().resolve("examples/customer-message.avsc")));
        out.println("Starting a Kafka broker and a schema registry …");
        try (LocalServers servers = LocalServers.start()) {
            PipelineFile file = pipeline(servers);
            servers.kafka().topics().create(file.pipeline().source().topic(), PARTITIONS);
            Preflight.of(file).check();
            try (LocalFlink flink = LocalFlink.start(1)) {
                new EnrichmentJob(file).addTo(flink.environment(), new EndPosition.Unbounded());
                JobClient job = flink.environment().executeAsync(file.pipeline().name());
                out.printf(
                        "Kafka %s · registry %s · Flink %s · model %s%n%n",
                        servers.kafka().bootstrapServers(),
                        servers.registry().url(),
                        flink.webUrl(),
                        file.modelPath().getFileName());
                Outcome outcome = follow(servers, file, messages, schema, job);
                if (options.keepRunning()) {
                    out.println("Everything keeps running; press Ctrl-C to end it.");
                    Thread.currentThread().join();
                }
                job.cancel().get(30, TimeUnit.SECONDS);
                return outcome;
            }
        }
    }

    /** The example's pipeline, pointed at the servers of this run. */
    private PipelineFile pipeline(LocalServers servers) {
        PipelineFile example =
                PipelineFile.read(options.home().resolve("examples/customer-messages.yaml"));
        Pipeline written = example.pipeline();
        Pipeline.Job job = written.job();
        Path model = options.model().orElseGet(example::modelPath).toAbsolutePath();
        return new PipelineFile(
                example.path(),
                new Pipeline(
                        written.name(),
                        new Pipeline.Model(
                                model.toString(),
                                written.model().contextTokens(),
                                written.model().maxSequences(),
                                written.model().threads(),
                                written.model().adapters(),
                                written.model().isolated(),
                                written.model().engine(),
                                written.model().draftTokens(),
                                written.model().device(),
                                written.model().cacheType(),
                                null),
                        written.models(),
                        written.referencePrice(),
                        new Pipeline.Kafka(servers.kafka().bootstrapServers(), Map.of()),
                        new Pipeline.SchemaRegistry(servers.registry().url(), Map.of()),
                        written.source(),
                        written.sink(),
                        null,
                        written.tasks(),
                        new Pipeline.Job(
                                1,
                                Duration.ofSeconds(1),
                                job.order(),
                                job.maxInFlight(),
                                job.maxInFlightTokens(),
                                job.cacheTimeToLive(),
                                job.cacheTextsPerKey()),
                        written.failure()),
                example.yaml());
    }

    private Outcome follow(
            LocalServers servers,
            PipelineFile file,
            CustomerMessages messages,
            Schema schema,
            JobClient job)
            throws Exception {
        SchemaRegistryConfig registry = SchemaRegistryConfig.of(servers.registry().url());
        String kafka = servers.kafka().bootstrapServers();
        Pipeline pipeline = file.pipeline();
        Producer producer = new Producer(kafka, registry, pipeline.source().topic(), schema);
        LiveTable table =
                new LiveTable(out, options.terminal(), options.width(), options.records());
        BackgroundTask sending =
                BackgroundTask.start(
                        "demo-producer",
                        () -> producer.send(messages, options.records(), options.rate()));
        long start = System.nanoTime();
        try (sending;
                ResultReader reader =
                        new ResultReader(
                                kafka,
                                registry,
                                List.of(
                                        pipeline.sink().topic(),
                                        pipeline.sink().deadLetterTopic()))) {
            long lastProgress = start;
            while (summary.ended() < options.records()) {
                long before = summary.ended();
                readSome(reader, pipeline, messages, table);
                throughput.total(summary.ended());
                table.progress(summary.ended());
                sending.throwIfFailed();
                throwIfJobFailed(job);
                long now = System.nanoTime();
                if (summary.ended() > before) {
                    lastProgress = now;
                } else if (now - lastProgress > STUCK_AFTER.toNanos()) {
                    throw new IllegalStateException(
                            "no record came back for "
                                    + STUCK_AFTER.toMinutes()
                                    + " minutes; "
                                    + summary.ended()
                                    + " of "
                                    + options.records()
                                    + " are done");
                }
            }
        }
        table.end();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        return new Outcome(
                summary, options.records(), millis, intents.accuracy(), report(file, millis));
    }

    private RunReport report(PipelineFile file, long millis) {
        RunFigures figures = summary.figures(options.records());
        Map<String, String> shown = figures.toReport(millis);
        shown.put("intent right", String.format(Locale.ROOT, "%.1f %%", 100 * intents.accuracy()));
        return new RunReport(
                "Headrace demo",
                file.modelPath().getFileName()
                        + ", "
                        + options.records()
                        + " messages, "
                        + (options.rate() > 0 ? options.rate() + " a second" : "all at once"),
                shown,
                throughput.bySecond(),
                figures.latencyCounts(),
                "From Kafka to Kafka, the wait for the commit of a second included.",
                figures.breakdown().labels(),
                figures.breakdown().confidence(),
                intents.calibration(),
                figures.breakdown().failures());
    }

    private void readSome(
            ResultReader reader, Pipeline pipeline, CustomerMessages messages, LiveTable table)
            throws RecordFormatException {
        reader.poll(
                Duration.ofMillis(200),
                (record, value) -> {
                    if (record.topic().equals(pipeline.sink().deadLetterTopic())) {
                        summary.deadLetter(value);
                        return;
                    }
                    summary.enriched(value, System.currentTimeMillis() - record.timestamp());
                    compare(record, value, messages);
                    table.show(value, summary.ended(), System.nanoTime());
                });
    }

    private void compare(
            ConsumerRecord<byte[], byte[]> record, GenericRecord value, CustomerMessages messages) {
        Header number = record.headers().lastHeader(Producer.NUMBER_HEADER);
        if (number != null && value.get("intent") instanceof GenericRecord intent) {
            int index = Integer.parseInt(new String(number.value(), StandardCharsets.UTF_8));
            intents.add(
                    messages.get(index).intent(),
                    intent.get("label").toString(),
                    (Double) intent.get("probability"));
        }
    }

    private static void throwIfJobFailed(JobClient job) throws InterruptedException {
        try {
            if (job.getJobStatus().get().isGloballyTerminalState()) {
                job.getJobExecutionResult().get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("the job failed: " + rootMessage(e), e);
        }
    }

    private static String rootMessage(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }

    /**
     * What a person may choose.
     *
     * @param home the folder of the project, with the examples and the model
     * @param records messages to send
     * @param rate messages a second; 0 is as fast as possible
     * @param model another model than the example's
     * @param keepRunning whether to go on when all messages are back
     * @param terminal whether lines may be written over
     * @param width columns of the terminal
     */
    public record DemoOptions(
            Path home,
            int records,
            double rate,
            Optional<Path> model,
            boolean keepRunning,
            boolean terminal,
            int width) {
        public DemoOptions {
            Objects.requireNonNull(home, "home");
        }
    }

    /** A thread whose failure is reported by whoever waits for it. */
    private static final class BackgroundTask implements AutoCloseable {

        interface Body {
            void run() throws InterruptedException, ExecutionException, IOException;
        }

        private final Thread thread;
        private volatile Exception failure;

        private BackgroundTask(String name, Body body) {
            thread =
                    new Thread(
                            () -> {
                                try {
                                    body.run();
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                } catch (ExecutionException | IOException | RuntimeException e) {
                                    failure = e;
                                }
                            },
                            name);
        }

        static BackgroundTask start(String name, Body body) {
            BackgroundTask task = new BackgroundTask(name, body);
            task.thread.start();
            return task;
        }

        void throwIfFailed() throws Exception {
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public void close() {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
