package io.headrace.inference.isolation;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.ModelLoadException;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine in a child process, which a native crash ends instead of this one.
 *
 * <p>When the child ends, a new one is started and asked again what the old one had not answered; a
 * request that was in work when two children ended fails with that reason, since it may be what
 * ends them. Where no child can be started, everything fails with the reason, and the next request
 * has it tried again. Requests keep their own numbers over all children.
 *
 * <p>Thread-safe. Results come from the thread that reads from the child.
 */
public final class IsolatedEngine implements InferenceEngine {

    private static final Logger LOG = LoggerFactory.getLogger(IsolatedEngine.class);
    private static final String CLOSED = "the inference engine is closed";
    private static final int MOST_STARTS = 4;
    private static final long FIRST_PAUSE_MILLIS = 250;
    private static final long CALL_SECONDS = 60;

    private final EngineOptions options;
    private final ModelInfo model;
    private final PendingCalls pending = new PendingCalls();

    /** Guards the fields below. */
    private final Object state = new Object();

    private ChildProcess child;
    private boolean starting;
    private boolean closed;

    /** Counters of the children that have ended, as far as they were ever asked for. */
    private EngineStats before = EngineStats.NONE;

    private EngineStats latest = EngineStats.NONE;

    private IsolatedEngine(EngineOptions options, ChildProcess first) {
        this.options = options;
        this.child = first;
        this.model = first.model();
        listen(first);
    }

    /**
     * Starts a child process and opens the engine in it.
     *
     * @throws ModelLoadException if the model or the native libraries are missing or unfit
     */
    public static IsolatedEngine start(EngineOptions options) {
        return new IsolatedEngine(options, ChildProcess.start(options));
    }

    @Override
    public CompletionStage<InferenceResult> submit(InferenceRequest request) {
        CompletableFuture<InferenceResult> result = new CompletableFuture<>();
        synchronized (state) {
            if (closed) {
                return CompletableFuture.completedStage(new InferenceResult.Failed(CLOSED));
            }
            PendingCalls.Call call = pending.add(request, result);
            if (call == null) {
                return CompletableFuture.completedStage(
                        new InferenceResult.Rejected("the same request is in work already"));
            }
            send(call);
        }
        return result.minimalCompletionStage();
    }

    @Override
    public void cancel(InferenceRequest request) {
        synchronized (state) {
            PendingCalls.Call call = pending.find(request);
            if (call == null) {
                return;
            }
            call.giveUp();
            if (child != null) {
                child.send(new Message.Cancel(call.number()));
                return;
            }
        }
        pending.endGivenUp();
    }

    @Override
    public ModelInfo model() {
        return model;
    }

    @Override
    public int countPromptTokens(InferenceRequest request) {
        Message.Reply reply = ask(number -> new Message.CountTokens(number, request));
        if (reply instanceof Message.Counted counted) {
            return counted.tokens();
        }
        throw new IllegalStateException(((Message.Ended) reply).result().toString());
    }

    @Override
    public EngineStats stats() {
        synchronized (state) {
            if (child == null || closed) {
                return before.then(latest);
            }
        }
        if (ask(Message.AskStats::new) instanceof Message.Stats stats) {
            synchronized (state) {
                latest = stats.stats();
                return before.then(latest);
            }
        }
        synchronized (state) {
            return before;
        }
    }

    private Message.Reply ask(PendingCalls.Question question) {
        CompletableFuture<Message.Reply> reply = new CompletableFuture<>();
        synchronized (state) {
            if (closed) {
                throw new IllegalStateException(CLOSED);
            }
            send(pending.add(question, reply));
        }
        try {
            return reply.get(CALL_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "the isolated inference engine does not answer: " + e, e);
        }
    }

    /** Sends a call now, or leaves it to the child that is started. The caller holds the state. */
    private void send(PendingCalls.Call call) {
        if (child != null) {
            call.sent();
            child.send(call.message());
        } else if (!starting) {
            startAgain();
        }
    }

    private void listen(ChildProcess started) {
        started.listen(pending::complete, how -> ended(started, how));
    }

    private void ended(ChildProcess gone, String how) {
        synchronized (state) {
            if (child != gone) {
                return;
            }
            child = null;
            before = before.then(latest);
            latest = EngineStats.NONE;
            if (!closed) {
                LOG.warn("The inference engine's process {} ended ({})", gone.pid(), how);
                startAgain();
            }
        }
        pending.endGivenUp();
        pending.failRepeated(
                "the isolated inference engine ended twice while this was in work, lastly with "
                        + how);
    }

    private void startAgain() {
        starting = true;
        Thread starter = new Thread(this::restart, "headrace-restart");
        starter.setDaemon(true);
        starter.start();
    }

    private void restart() {
        String reason = CLOSED;
        long pause = FIRST_PAUSE_MILLIS;
        for (int i = 0; i < MOST_STARTS; i++) {
            try {
                if (take(ChildProcess.start(options))) {
                    return;
                }
                break;
            } catch (ModelLoadException e) {
                reason = e.getMessage();
                LOG.warn("The inference engine's process does not start: {}", reason);
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
            pause *= 2;
        }
        synchronized (state) {
            starting = false;
        }
        pending.failAll(reason);
    }

    /** Takes a new child into service, unless the engine was closed meanwhile. */
    private boolean take(ChildProcess started) {
        synchronized (state) {
            if (!closed) {
                LOG.info("The inference engine's process {} is back", started.pid());
                child = started;
                starting = false;
                listen(started);
                for (PendingCalls.Call call : pending.inOrder()) {
                    call.sent();
                    started.send(call.message());
                }
                return true;
            }
        }
        started.close();
        return false;
    }

    /** Returns the process that runs the engine now; empty while there is none. */
    OptionalLong processId() {
        synchronized (state) {
            return child == null ? OptionalLong.empty() : OptionalLong.of(child.pid());
        }
    }

    @Override
    public void close() {
        ChildProcess last;
        synchronized (state) {
            if (closed) {
                return;
            }
            closed = true;
            last = child;
        }
        if (last != null) {
            last.close();
        }
        pending.failAll(CLOSED);
    }
}
