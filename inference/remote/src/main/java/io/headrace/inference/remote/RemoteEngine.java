package io.headrace.inference.remote;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Spending;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a model server over HTTP, many requests at a time.
 *
 * <p>Requests wait in one queue, in the order they came, until concurrency, rates, the server's own
 * wish for a pause and the budget let the first one go. All state is guarded by the engine's lock;
 * stages are completed outside of it, on the engine's threads. Failures that can pass end as {@link
 * InferenceResult.Failed} and are not tried again here.
 */
public final class RemoteEngine implements InferenceEngine {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteEngine.class);

    /** Besides the exchanges themselves: timers, and the reading of answers. */
    private static final int THREADS = 2;

    /** English text has about four bytes to a token; other text has fewer tokens than that says. */
    private static final int BYTES_PER_TOKEN = 4;

    /** Where a server that is over its limit does not say how long. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RemoteOptions options;
    private final ModelInfo model;
    private final ChatApi api;
    private final AnswerJudge judge;
    private final Exchange exchange;
    private final ScheduledThreadPoolExecutor threads;
    private final RateWindow rates;
    private final Ledger ledger;
    private final ArrayDeque<Call> waiting = new ArrayDeque<>();
    private final Map<InferenceRequest, Call> calls = new HashMap<>();
    private final EngineCounts counts = new EngineCounts();

    private Features features;
    private int underWay;
    private long pausedUntilNanos = System.nanoTime();
    private ScheduledFuture<?> nextLook;
    private boolean closed;

    private RemoteEngine(
            RemoteOptions options, ScheduledThreadPoolExecutor threads, Exchange exchange) {
        this.options = options;
        this.threads = threads;
        this.exchange = exchange;
        this.model = ModelNames.info(options);
        this.api = ChatApi.of(options.endpoint());
        this.judge = new AnswerJudge(api, options);
        RequestLimits limits =
                options.limits().shared(options.share().operators() * options.share().engines());
        this.rates = new RateWindow(limits);
        this.ledger = new Ledger(options.budget(), options.share());
        this.features = Features.all(options.endpoint().logprobs());
    }

    /**
     * Opens an engine of the caller's own. It asks the server for the model's name where the
     * options name none, and for nothing else.
     *
     * @throws io.headrace.inference.ModelLoadException if the server does not tell its only model
     */
    public static RemoteEngine open(RemoteOptions options) {
        ScheduledThreadPoolExecutor threads =
                new ScheduledThreadPoolExecutor(
                        THREADS,
                        task -> {
                            Thread thread = new Thread(task, "headrace-remote");
                            thread.setDaemon(true);
                            return thread;
                        });
        threads.setRemoveOnCancelPolicy(true);
        try {
            Exchange exchange = new Exchange(options, threads);
            return new RemoteEngine(ModelNames.complete(options, exchange), threads, exchange);
        } catch (RuntimeException e) {
            threads.shutdownNow();
            throw e;
        }
    }

    @Override
    public CompletionStage<InferenceResult> submit(InferenceRequest request) {
        if (!request.media().isEmpty() || request.adapter().isPresent()) {
            return CompletableFuture.completedStage(
                    new InferenceResult.Rejected(
                            request.media().isEmpty()
                                    ? "a remote engine has no adapters; name a model of the server"
                                    : "images and sound are not sent to remote engines"));
        }
        Call call =
                new Call(
                        request,
                        AnswerForm.of(request.output()),
                        countPromptTokens(request),
                        options.prices());
        synchronized (this) {
            if (closed) {
                return CompletableFuture.completedStage(
                        new InferenceResult.Failed("the engine is closed"));
            }
            calls.put(request, call);
            waiting.add(call);
        }
        look();
        return call.result;
    }

    /** Sends what may be sent now; where something has to wait for a time, looks again then. */
    private void look() {
        List<Call> overBudget = new ArrayList<>();
        synchronized (this) {
            while (!closed && !waiting.isEmpty() && underWay < options.limits().concurrency()) {
                Call call = waiting.peek();
                long wait = waitNanos(call);
                if (wait > 0) {
                    lookAgain(wait);
                    break;
                }
                Ledger.Decision decision =
                        ledger.reserve(call.reservation, System.currentTimeMillis());
                if (decision == Ledger.Decision.AFTER_OTHERS) {
                    break;
                } else if (decision == Ledger.Decision.SPENT && options.budget().holds()) {
                    hold();
                    break;
                } else if (decision != Ledger.Decision.GRANTED) {
                    overBudget.add(waiting.poll());
                } else {
                    send(waiting.poll());
                }
            }
            overBudget.forEach(call -> calls.remove(call.request));
        }
        overBudget.forEach(
                call -> call.result.complete(new InferenceResult.OverBudget(budgetText(call))));
    }

    private long waitNanos(Call call) {
        long now = System.nanoTime();
        return Math.max(pausedUntilNanos - now, rates.waitNanos(call.reservation.tokens(), now));
    }

    private void hold() {
        long millis = options.budget().millisLeft(System.currentTimeMillis());
        if (nextLook == null || nextLook.isDone()) {
            LOG.warn(
                    "The budget of {} is used up; {} requests wait {} s for the next one",
                    model.name(),
                    waiting.size(),
                    TimeUnit.MILLISECONDS.toSeconds(millis));
        }
        lookAgain(TimeUnit.MILLISECONDS.toNanos(millis) + 1);
    }

    private void lookAgain(long nanos) {
        if (nextLook != null) {
            nextLook.cancel(false);
        }
        nextLook = threads.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }

    private String budgetText(Call call) {
        return "the budget of "
                + model.name()
                + " is used up; this request needs up to "
                + call.reservation.tokens()
                + " tokens";
    }

    /** Under the lock. */
    @SuppressWarnings("FutureReturnValueIgnored") // nothing follows on what ends a call
    private void send(Call call) {
        underWay++;
        call.sentNanos = System.nanoTime();
        call.features = features;
        call.sent = rates.add(call.reservation.tokens(), call.sentNanos);
        call.exchange =
                exchange.post(
                        api.uri(),
                        () -> api.body(call.request, call.form, call.features).toString());
        ScheduledFuture<?> deadline =
                threads.schedule(
                        () -> timeOut(call),
                        options.limits().timeout().toNanos(),
                        TimeUnit.NANOSECONDS);
        call.exchange.whenCompleteAsync(
                (response, error) -> {
                    deadline.cancel(false);
                    onEnd(call, response, error);
                },
                threads);
    }

    private void timeOut(Call call) {
        synchronized (this) {
            call.timedOut = true;
        }
        call.exchange.cancel(true);
    }

    private void onEnd(Call call, HttpResponse<byte[]> response, Throwable error) {
        AnswerJudge.Verdict verdict;
        try {
            if (error == null && response.statusCode() != 200 && lowered(call, response)) {
                look();
                return;
            }
            verdict = error == null ? judge.ofResponse(call, response) : judge.ofError(call, error);
        } catch (RuntimeException | Error e) { // Nobody else would end the call.
            // Its message may hold what the server answered, a key that it repeats included.
            LOG.warn("An answer of {} could not be read: {}", model.name(), e.getClass().getName());
            verdict = judge.ofUnreadable(call, e);
        }
        synchronized (this) {
            end(call, verdict);
            calls.remove(call.request);
        }
        call.result.complete(verdict.result());
        look();
    }

    /** Goes on without what the server refuses, and puts the call back; false if it is not that. */
    private boolean lowered(Call call, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status == 429 || status == 401 || status == 403) {
            return false;
        }
        Optional<Features> less =
                call.features.without(new String(response.body(), StandardCharsets.UTF_8));
        if (less.isEmpty()) {
            return false;
        }
        synchronized (this) {
            if (call.cancelled || closed) {
                return false;
            }
            if (call.features.equals(features)) {
                features = less.get();
                LOG.warn(
                        "{} refuses a part of the API: {}; going on with {}",
                        model.name(),
                        options.endpoint().withoutSecrets(Exchange.complaint(response)),
                        features);
            }
            underWay--;
            ledger.settle(call.reservation, Ledger.Amount.ZERO, System.currentTimeMillis());
            waiting.addFirst(call);
        }
        return true;
    }

    private void end(Call call, AnswerJudge.Verdict verdict) {
        underWay--;
        ledger.settle(call.reservation, verdict.cost(), System.currentTimeMillis());
        rates.correct(call.sent, verdict.cost().tokens());
        counts.ended(verdict.result());
        boolean limited =
                verdict.result() instanceof InferenceResult.Failed failed
                        && failed.errorClass().equals(AnswerJudge.RATE_LIMITED);
        long pause = verdict.pause().toNanos();
        if (limited && pause == 0) {
            pause = PAUSE_NANOS;
        }
        pausedUntilNanos = Math.max(pausedUntilNanos, System.nanoTime() + pause);
    }

    @Override
    public void cancel(InferenceRequest request) {
        Call call;
        boolean unsent;
        synchronized (this) {
            call = calls.get(request);
            if (call == null) {
                return;
            }
            call.cancelled = true;
            unsent = waiting.remove(call);
            if (unsent) {
                calls.remove(request);
                counts.ended(new InferenceResult.Cancelled());
            }
        }
        if (unsent) {
            call.result.complete(new InferenceResult.Cancelled());
            look();
        } else {
            call.exchange.cancel(true);
        }
    }

    @Override
    public ModelInfo model() {
        return model;
    }

    /** An estimate: nobody but the server knows its tokens. */
    @Override
    public int countPromptTokens(InferenceRequest request) {
        int bytes = request.prompt().system().getBytes(StandardCharsets.UTF_8).length;
        for (String piece : request.prompt().user()) {
            bytes += piece.getBytes(StandardCharsets.UTF_8).length;
        }
        bytes += AnswerForm.of(request.output()).instruction().length();
        return bytes / BYTES_PER_TOKEN + 1;
    }

    @Override
    public boolean remote() {
        return true;
    }

    @Override
    public synchronized Spending spending() {
        return ledger.spending(System.currentTimeMillis());
    }

    @Override
    public synchronized EngineStats stats() {
        return counts.stats(waiting.size(), underWay);
    }

    @Override
    public void close() {
        List<Call> open;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            open = List.copyOf(calls.values());
            calls.clear();
            waiting.clear();
        }
        for (Call call : open) {
            if (call.exchange != null) {
                call.exchange.cancel(true);
            }
            call.result.complete(new InferenceResult.Failed("the engine is closed"));
        }
        threads.shutdownNow();
    }
}
