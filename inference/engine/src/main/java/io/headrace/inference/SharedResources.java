package io.headrace.inference;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Resources that are opened by the first who asks and closed by the last who lets go. Thread-safe;
 * while one is being opened or closed, others wait, so there is never a second one beside it.
 */
final class SharedResources<K, V extends AutoCloseable> {

    /** A share of a resource; a second close does nothing. */
    final class Lease implements AutoCloseable {
        private final K key;
        private final V resource;
        private boolean closed;

        private Lease(K key, V resource) {
            this.key = key;
            this.resource = resource;
        }

        V get() {
            return resource;
        }

        @Override
        public void close() {
            release(this);
        }
    }

    private static final class Shared<V> {
        private final V resource;
        private int leases;

        private Shared(V resource) {
            this.resource = resource;
        }
    }

    private final Map<K, Shared<V>> open = new HashMap<>();

    synchronized Lease acquire(K key, Function<K, V> opener) {
        Shared<V> shared = open.get(key);
        if (shared == null) {
            shared = new Shared<>(opener.apply(key));
            open.put(key, shared);
        }
        shared.leases++;
        return new Lease(key, shared.resource);
    }

    synchronized boolean isOpen(K key) {
        return open.containsKey(key);
    }

    private synchronized void release(Lease lease) {
        if (lease.closed) {
            return;
        }
        lease.closed = true;
        Shared<V> shared = open.get(lease.key);
        shared.leases--;
        if (shared.leases == 0) {
            open.remove(lease.key);
            close(shared.resource);
        }
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("a shared resource could not be closed", e);
        }
    }
}
