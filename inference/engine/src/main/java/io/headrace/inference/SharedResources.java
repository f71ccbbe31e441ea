package io.headrace.inference;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Resources that are opened by the first who asks and closed by the last who lets go. Thread-safe;
 * while one is being opened or closed those who want the same wait for it, and nobody else: so
 * there is never a second one beside it.
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

    /** Opened and closed under its own lock, so that others do not wait for it. */
    private static final class Shared<V> {
        private V resource;
        private int leases;
    }

    private final Map<K, Shared<V>> open = new HashMap<>();

    Lease acquire(K key, Function<K, V> opener) {
        Shared<V> shared;
        synchronized (open) {
            shared = open.computeIfAbsent(key, it -> new Shared<>());
            shared.leases++;
        }
        synchronized (shared) {
            try {
                if (shared.resource == null) {
                    shared.resource = opener.apply(key);
                }
                return new Lease(key, shared.resource);
            } catch (RuntimeException | Error e) {
                letGo(key, shared);
                throw e;
            }
        }
    }

    /** Whether someone has it, or is opening it. */
    boolean isOpen(K key) {
        synchronized (open) {
            return open.containsKey(key);
        }
    }

    private void release(Lease lease) {
        Shared<V> shared;
        synchronized (open) {
            if (lease.closed) {
                return;
            }
            lease.closed = true;
            shared = open.get(lease.key);
        }
        synchronized (shared) {
            letGo(lease.key, shared);
        }
    }

    /** Whoever asks meanwhile waits for the shared lock, and opens it anew. */
    private void letGo(K key, Shared<V> shared) {
        synchronized (open) {
            shared.leases--;
            if (shared.leases > 0) {
                return;
            }
        }
        V resource = shared.resource;
        shared.resource = null;
        try {
            if (resource != null) {
                close(resource);
            }
        } finally {
            synchronized (open) {
                if (shared.leases == 0) {
                    open.remove(key);
                }
            }
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
