package io.headrace.inference.runtime;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ProcessMemory;
import io.headrace.inference.StepFigures;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runner.StepResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's one thread: it takes in what callers sent, and lets the scheduler plan, the runner
 * compute, and the scheduler take in the result, step after step. It owns the runner and the
 * scheduler; other threads only put messages into its mailbox.
 *
 * <p>Whatever happens to this thread, every submitted request ends: on an unexpected error all fail
 * with its text, and later ones fail at once.
 */
final class EngineLoop {

    private static final Logger LOG = LoggerFactory.getLogger(EngineLoop.class);

    private record Submitted(ScheduledRequest request, CompletableFuture<InferenceResult> result) {}

    private final ModelRunner runner;
    private final int mostRows;
    private final Scheduler scheduler;
    private final LongSupplier nanoClock;
    private final Runnable atEnd;
    private final Thread thread;
    private final IdentityHashMap<InferenceRequest, CompletableFuture<InferenceResult>> results =
            new IdentityHashMap<>();

    /** Guards the fields below, which callers and the loop share. */
    private final Object mailbox = new Object();

    private final ArrayDeque<Submitted> submitted = new ArrayDeque<>();
    private final ArrayDeque<InferenceRequest> cancelled = new ArrayDeque<>();
    private String closedBecause;
    private long rejected;
    private EngineStats stats;
    private final RecentTimes stepTimes = new RecentTimes();

    /**
     * @param atEnd called by the engine's thread as the last thing, when the runner is closed
     */
    EngineLoop(ModelRunner runner, Scheduler scheduler, LongSupplier nanoClock, Runnable atEnd) {
        this.runner = runner;
        this.mostRows = runner.limits().rows();
        this.scheduler = scheduler;
        this.nanoClock = nanoClock;
        this.atEnd = atEnd;
        this.stats = snapshot();
        this.thread = new Thread(this::run, "headrace-engine");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    CompletionStage<InferenceResult> submit(ScheduledRequest request) {
        CompletableFuture<InferenceResult> result = new CompletableFuture<>();
        synchronized (mailbox) {
            if (closedBecause != null) {
                result.complete(new InferenceResult.Failed(closedBecause));
            } else {
                submitted.addLast(new Submitted(request, result));
                mailbox.notifyAll();
            }
        }
        return result.minimalCompletionStage();
    }

    void cancel(InferenceRequest request) {
        synchronized (mailbox) {
            cancelled.addLast(request);
            mailbox.notifyAll();
        }
    }

    void countRejected() {
        synchronized (mailbox) {
            rejected++;
        }
    }

    EngineStats stats() {
        long resident = ProcessMemory.residentBytes();
        synchronized (mailbox) {
            return new EngineStats(
                    stats.completed(),
                    rejected,
                    stats.failed(),
                    stats.cancelled(),
                    stats.waiting() + submitted.size(),
                    stats.running(),
                    stats.promptTokens(),
                    stats.cachedTokens(),
                    stats.outputTokens(),
                    stats.steps(),
                    stats.rows(),
                    stats.stepNanos(),
                    stats.javaNanos(),
                    stats.usedCells(),
                    stats.totalCells(),
                    figures(resident));
        }
    }

    /** The caller holds the mailbox. */
    private StepFigures figures(long residentBytes) {
        long[] times = stepTimes.sorted();
        return new StepFigures(
                mostRows,
                RecentTimes.quantile(times, 0.5),
                RecentTimes.quantile(times, 0.95),
                RecentTimes.quantile(times, 0.99),
                stats.figures().masks(),
                stats.figures().maskNanos(),
                stats.figures().draftedTokens(),
                stats.figures().acceptedTokens(),
                residentBytes);
    }

    /** Ends the loop after the step in flight and waits for that, unless the loop itself calls. */
    void close(String reason) {
        synchronized (mailbox) {
            if (closedBecause == null) {
                closedBecause = reason;
            }
            mailbox.notifyAll();
        }
        boolean interrupted = false;
        while (Thread.currentThread() != thread && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                // Native memory is in use until the step ends: leaving now would crash the process.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        String reason = "the inference engine failed unexpectedly";
        try {
            while (takeMail()) {
                doWork();
            }
            reason = closedBecause();
        } catch (RuntimeException | Error e) {
            LOG.error("The inference engine failed and is closed", e);
            reason = reason + ": " + e;
            throw e;
        } finally {
            endAll(reason);
            runner.close();
            atEnd.run();
        }
    }

    /** Does one step; returns whether there was anything to do. */
    boolean doWork() {
        long begin = nanoClock.getAsLong();
        StepPlan plan = scheduler.schedule(begin);
        if (plan.isEmpty()) {
            if (scheduler.hasWork()) {
                // Cannot happen; but if it did, waiting for ever would be worse than failing.
                scheduler.failAll("the inference engine could not go on").forEach(this::complete);
            }
            return false;
        }
        long called = nanoClock.getAsLong();
        StepResult result = runner.execute(plan);
        long returned = nanoClock.getAsLong();
        List<Scheduler.Ended> ended = scheduler.update(result, returned);
        Counters counters = scheduler.counters();
        counters.steps += plan.computedRows() > 0 ? 1 : 0;
        counters.rows += plan.computedRows();
        counters.stepNanos += returned - called;
        counters.javaNanos += called - begin + nanoClock.getAsLong() - returned;
        noteTime(returned - called);
        publish();
        ended.forEach(this::complete);
        return true;
    }

    /** Waits until there is work; returns false when the loop shall end. */
    private boolean takeMail() {
        List<Submitted> arrived;
        List<InferenceRequest> given;
        synchronized (mailbox) {
            while (closedBecause == null
                    && submitted.isEmpty()
                    && cancelled.isEmpty()
                    && !scheduler.hasWork()) {
                try {
                    mailbox.wait();
                } catch (InterruptedException e) {
                    // Nobody else has this thread; only close() ends it.
                    LOG.warn("The inference engine's thread was interrupted and goes on");
                }
            }
            if (closedBecause != null) {
                return false;
            }
            arrived = new ArrayList<>(submitted);
            given = new ArrayList<>(cancelled);
            submitted.clear();
            cancelled.clear();
        }
        for (Submitted each : arrived) {
            CompletableFuture<InferenceResult> before =
                    results.putIfAbsent(each.request().request(), each.result());
            if (before != null) {
                each.result()
                        .complete(
                                new InferenceResult.Rejected(
                                        "the same request is in work already"));
            } else {
                scheduler.add(each.request());
            }
        }
        for (InferenceRequest request : given) {
            Scheduler.Ended ended = scheduler.cancel(request);
            if (ended != null) {
                complete(ended);
            }
        }
        publish();
        return true;
    }

    private void endAll(String reason) {
        List<Submitted> late;
        synchronized (mailbox) {
            if (closedBecause == null) {
                closedBecause = reason;
            }
            late = new ArrayList<>(submitted);
            submitted.clear();
        }
        scheduler.failAll(reason).forEach(this::complete);
        late.forEach(each -> each.result().complete(new InferenceResult.Failed(reason)));
        results.values().forEach(each -> each.complete(new InferenceResult.Failed(reason)));
        publish();
    }

    private void complete(Scheduler.Ended ended) {
        CompletableFuture<InferenceResult> result = results.remove(ended.request());
        result.complete(ended.result());
    }

    private String closedBecause() {
        synchronized (mailbox) {
            return closedBecause;
        }
    }

    private void noteTime(long stepNanos) {
        synchronized (mailbox) {
            stepTimes.add(stepNanos);
        }
    }

    private void publish() {
        EngineStats fresh = snapshot();
        synchronized (mailbox) {
            stats = fresh;
        }
    }

    private EngineStats snapshot() {
        Counters counters = scheduler.counters();
        return new EngineStats(
                counters.completed,
                0,
                counters.failed,
                counters.cancelled,
                counters.waiting,
                counters.running,
                counters.promptTokens,
                counters.cachedTokens,
                counters.outputTokens,
                counters.steps,
                counters.rows,
                counters.stepNanos,
                counters.javaNanos,
                counters.usedCells,
                counters.totalCells,
                new StepFigures(
                        0,
                        0,
                        0,
                        0,
                        counters.masks,
                        counters.maskNanos,
                        counters.draftedTokens,
                        counters.acceptedTokens,
                        0));
    }
}
