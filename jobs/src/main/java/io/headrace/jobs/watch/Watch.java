package io.headrace.jobs.watch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.jobs.WatchedTopics;
import io.headrace.jobs.WatchedTopics.Seen;
import io.headrace.jobs.pipeline.KnownSecrets;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.KafkaException;

/**
 * Follows what the jobs of a pipeline write and serves a page that shows it. One thread of its own
 * reads from Kafka; the page asks for what is new.
 */
public final class Watch implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(300);
    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private final WatchedTopics topics;
    private final Cards cards;
    private final CardWriter writer;
    private final KnownSecrets secrets;
    private final WatchServer server;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread reader = new Thread(this::read, "headrace-watch");
    private volatile boolean closed;

    /**
     * What a person may choose.
     *
     * @param address where the page is served; port 0 takes one that is free
     * @param masksTexts whether what records and models say is masked
     * @param last how many records and dead letters are kept and shown
     */
    public record Options(InetSocketAddress address, boolean masksTexts, int last) {}

    private Watch(PipelineFile file, Options options) throws IOException {
        this.cards = new Cards(options.last());
        this.writer = new CardWriter(file, options.masksTexts());
        this.secrets = KnownSecrets.of(file.pipeline());
        this.topics = new WatchedTopics(file, options.last());
        try {
            this.server =
                    WatchServer.start(
                            options.address(), cards, about(file.pipeline(), writer, options));
        } catch (IOException | RuntimeException e) {
            topics.close();
            throw e;
        }
    }

    /**
     * Connects and starts.
     *
     * @throws java.net.BindException if the address is taken, or none of this machine's
     */
    public static Watch start(PipelineFile file, Options options) throws IOException {
        Watch watch = new Watch(file, options);
        watch.reader.setDaemon(true);
        watch.reader.start();
        return watch;
    }

    private static ObjectNode about(Pipeline pipeline, CardWriter writer, Options options) {
        ObjectNode about = JsonNodeFactory.instance.objectNode();
        about.put("session", UUID.randomUUID().toString()); // Numbers of cards begin anew.
        about.put("pipeline", pipeline.name());
        about.put("topic", pipeline.sink().topic());
        about.put("deadLetterTopic", pipeline.sink().deadLetterTopic());
        about.put("masksTexts", options.masksTexts());
        about.put("last", options.last());
        about.set("systemMessages", writer.systemMessages());
        return about;
    }

    /** Where the page is. */
    public String url() {
        return server.url();
    }

    /** Waits until the reading ends, which it does only when closed or when it fails. */
    public void await() {
        try {
            ended.join();
        } catch (CompletionException e) {
            throw new IllegalStateException(
                    "The topics can no longer be read: " + e.getCause().getMessage(), e.getCause());
        }
    }

    private void read() {
        try (topics) {
            while (!closed) {
                readSome();
            }
            ended.complete(null);
        } catch (RuntimeException | Error e) { // or the page would stand still without a word
            ended.completeExceptionally(e);
        }
    }

    private void readSome() {
        try {
            for (Seen seen : topics.poll(POLL)) {
                cards.add(seen.letter().isPresent(), writer.card(seen));
            }
            Set<String> missing = topics.missing();
            cards.status(
                    missing.isEmpty()
                            ? ""
                            : "Not there yet: "
                                    + String.join(", ", missing)
                                    + ". Is the job running?");
        } catch (KafkaException e) {
            cards.status("Kafka: " + secrets.hide(String.valueOf(e.getMessage())));
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public void close() {
        server.close();
        closed = true;
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
