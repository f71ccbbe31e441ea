package io.headrace.operators;

import io.headrace.operators.VersionLoader.Loaded;
import io.headrace.operators.VersionState.Described;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions of one subtask: the one in force, and those that wait, of which the next is loaded
 * beside it. Owned by the task's thread.
 *
 * <p>What happens to a version: it is <em>offered</em> by the control stream, <em>loaded</em> and
 * tried, and <em>adopted</em> once all subtasks have it loaded, or refused where one cannot; at the
 * next checkpoint barrier it is <em>due</em>, and when the records before the barrier have left it
 * is <em>taken</em>.
 */
final class Versions implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Versions.class);

    private final VersionState state;
    private final VersionLoader loader;
    private final MailboxExecutor mailbox;
    private final Consumer<VersionEvent> coordinator;
    private final Deque<Described> pending;
    private final Consumer<Loaded> discard;

    private volatile Described inForce; // metric reporters read its number
    private long lastNumber;
    private CompletableFuture<Loaded> next;
    private boolean adopted;
    private boolean due;

    /**
     * Creates the versions of a subtask.
     *
     * @param coordinator takes what is to be said to it
     * @param discard closes what was loaded and does not come into force
     */
    Versions(
            VersionState state,
            VersionLoader loader,
            MailboxExecutor mailbox,
            Consumer<VersionEvent> coordinator,
            Consumer<Loaded> discard) {
        this.state = state;
        this.loader = loader;
        this.mailbox = mailbox;
        this.coordinator = coordinator;
        this.discard = discard;
        inForce = state.inForce();
        pending = state.pending();
        lastNumber = pending.isEmpty() ? inForce.number() : pending.getLast().number();
    }

    /** Number of the version in force; 0 for the job's own. */
    long number() {
        return inForce.number();
    }

    /** The version in force, if it is not the job's own. */
    Optional<ModelVersion> restored() {
        return inForce.own() ? Optional.empty() : Optional.of(loader.read(inForce.message()));
    }

    /** Takes a message of the control stream. */
    void offer(long number, String message) {
        if (number <= lastNumber) {
            LOG.warn("Control message {} was seen before the restart and is left out", number);
            return;
        }
        lastNumber = number;
        pending.add(new Described(number, message));
        if (pending.size() == 1) {
            loadNext();
        }
    }

    /** Loads what waits next: once the operator is open, and after each switch. */
    void loadNext() {
        Described version = pending.peek();
        if (version == null) {
            return;
        }
        next =
                loader.load(version.message())
                        .whenComplete(
                                (loaded, error) -> {
                                    VersionEvent event =
                                            error == null
                                                    ? new VersionEvent.Ready(version.number())
                                                    : new VersionEvent.Unfit(
                                                            version.number(), reasonOf(error));
                                    try {
                                        mailbox.execute(
                                                () -> coordinator.accept(event), "version loaded");
                                    } catch (RejectedExecutionException e) {
                                        // The task ends, and closes what was loaded.
                                    }
                                });
    }

    private static String reasonOf(Throwable error) {
        Throwable cause = error.getCause() == null ? error : error.getCause();
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    /** All subtasks have this version loaded. */
    void adopt(long number) {
        if (isNext(number)) {
            adopted = true;
        }
    }

    /** A subtask cannot run this version. Returns whether it was waiting here. */
    boolean refuse(long number) {
        if (!isNext(number)) {
            return false;
        }
        pending.remove();
        discardNext();
        loadNext();
        return true;
    }

    private boolean isNext(long number) {
        return next != null && pending.element().number() == number && !adopted;
    }

    /** Returns whether an adopted version is waiting for a barrier, which is now. */
    boolean barrier() {
        due = adopted;
        return due;
    }

    /** Whether the next version is to be taken once the records before the barrier have left. */
    boolean due() {
        return due;
    }

    /** Puts the version that is due in force. */
    Loaded take() {
        Loaded loaded = next.join();
        inForce = pending.remove();
        next = null;
        adopted = false;
        due = false;
        return loaded;
    }

    void snapshot() throws Exception {
        state.update(inForce, pending);
    }

    @Override
    public void close() {
        loader.close();
        if (next != null) {
            discardNext();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a version that failed to load left nothing
    private void discardNext() {
        next.thenAccept(discard);
        next = null;
    }
}
