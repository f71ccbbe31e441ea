package io.headrace.local;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A Kafka broker and a schema registry that start side by side and close together.
 *
 * @param kafka the broker
 * @param registry the registry
 */
public record LocalServers(LocalKafka kafka, LocalSchemaRegistry registry)
        implements AutoCloseable {

    /** Starts both; when one fails the other is closed and the failure thrown. */
    public static LocalServers start() {
        CompletableFuture<LocalSchemaRegistry> registry =
                CompletableFuture.supplyAsync(LocalSchemaRegistry::start);
        LocalKafka kafka = kafkaBeside(registry);
        try {
            return new LocalServers(kafka, registry.join());
        } catch (CompletionException e) {
            kafka.close();
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private static LocalKafka kafkaBeside(CompletableFuture<LocalSchemaRegistry> registry) {
        try {
            return LocalKafka.start();
        } catch (RuntimeException e) {
            try {
                registry.join().close();
            } catch (CompletionException other) {
                e.addSuppressed(other.getCause());
            }
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            registry.close();
        } finally {
            kafka.close();
        }
    }
}
