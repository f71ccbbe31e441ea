package io.headrace.inference.remote;

import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;

/**
 * A request on its way through a remote engine. Guarded by the engine's lock, but for the flags
 * that say why an exchange was broken off.
 */
final class Call {

    final InferenceRequest request;
    final AnswerForm form;
    final int promptTokens;
    final Ledger.Amount reservation;
    final long submittedNanos = System.nanoTime();
    final CompletableFuture<InferenceResult> result = new CompletableFuture<>();

    long sentNanos;
    Features features;
    RateWindow.Sent sent;
    CompletableFuture<HttpResponse<byte[]>> exchange;
    volatile boolean cancelled;
    volatile boolean timedOut;

    /**
     * Creates the call.
     *
     * @param promptTokens an estimate
     */
    Call(InferenceRequest request, AnswerForm form, int promptTokens, Prices prices) {
        this.request = request;
        this.form = form;
        this.promptTokens = promptTokens;
        this.reservation =
                new Ledger.Amount(
                        promptTokens + form.maxTokens(),
                        prices.costNanos(promptTokens, 0, form.maxTokens()));
    }
}
