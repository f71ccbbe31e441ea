package io.headrace.inference.isolation;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages from a thread of its own, so that nobody waits for the other process: as many as
 * have gathered at once. After a failed write, messages are dropped; who reads from the other
 * process notices its end.
 */
final class Outbox implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

    private final LinkedBlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private final MessageWriter writer;
    private final Thread thread;
    private volatile boolean closed;

    Outbox(OutputStream out, String name) {
        writer = new MessageWriter(out);
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    void send(Message message) {
        messages.add(message);
    }

    private void run() {
        List<Message> gathered = new ArrayList<>();
        try {
            while (!closed || !messages.isEmpty()) {
                gathered.add(messages.take());
                messages.drainTo(gathered);
                for (Message message : gathered) {
                    writer.write(message);
                }
                writer.flush();
                gathered.clear();
            }
        } catch (IOException e) {
            LOG.debug("The other process does not read any more: {}", e.toString());
        } catch (InterruptedException e) {
            // Closed while it waited for a message.
            Thread.currentThread().interrupt();
        }
    }

    /** Writes what is left and ends the thread. */
    @Override
    public void close() {
        closed = true;
        boolean interrupted = false;
        long deadline = System.nanoTime() + 2_000_000_000L;
        while (!messages.isEmpty() && thread.isAlive() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        thread.interrupt();
        try {
            thread.join(2000);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
