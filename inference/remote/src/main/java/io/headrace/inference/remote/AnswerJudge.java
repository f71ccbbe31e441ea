package io.headrace.inference.remote;

import com.fasterxml.jackson.databind.JsonNode;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Usage;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;

/** Says what an answer of a server, or the lack of one, means, and what it cost. Thread-safe. */
final class AnswerJudge {

    /** Kinds of failures, for filters and policies. */
    static final String TIMEOUT = "Timeout";

    static final String RATE_LIMITED = "RateLimited";
    static final String SERVER = "ServerError";
    static final String CONNECTION = "Connection";
    static final String ACCESS = "Access";
    static final String INVALID = "InvalidAnswer";

    /**
     * What became of a call.
     *
     * @param result how it ended
     * @param cost what it used of the budget
     */
    record Verdict(InferenceResult result, Ledger.Amount cost) {

        /** How long the server wants to be left alone. */
        Duration pause() {
            return result instanceof InferenceResult.Failed failed
                    ? failed.retryAfter()
                    : Duration.ZERO;
        }
    }

    private final ChatApi api;
    private final Endpoint endpoint;
    private final Prices prices;
    private final Duration timeout;
    private final AnswerReader reader = new AnswerReader();

    AnswerJudge(ChatApi api, RemoteOptions options) {
        this.api = api;
        this.endpoint = options.endpoint();
        this.prices = options.prices();
        this.timeout = options.limits().timeout();
    }

    /** There was no answer. Unless the server was never reached it may bill the request. */
    Verdict ofError(Call call, Throwable error) {
        Throwable cause = error instanceof CompletionException ? error.getCause() : error;
        boolean unreached =
                cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException;
        Ledger.Amount cost = unreached ? Ledger.Amount.ZERO : call.reservation;
        if (call.cancelled) {
            return new Verdict(new InferenceResult.Cancelled(), cost);
        }
        if (call.timedOut) {
            return failed(
                    TIMEOUT, "no answer within " + timeout.toMillis() + " ms", Duration.ZERO, cost);
        }
        String what = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        String message =
                unreached
                        ? "the server cannot be reached: " + what
                        : "the connection ended before the answer: " + what;
        return failed(CONNECTION, message, Duration.ZERO, cost);
    }

    /** The server answered with this. Those that answer with an error send no bill. */
    Verdict ofResponse(Call call, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status == 200) {
            return ofAnswer(call, response);
        }
        String message = "the server said " + status + ": " + Exchange.complaint(response);
        Duration pause = RetryAfter.of(response.headers(), Instant.now());
        if (status == 429) {
            return failed(RATE_LIMITED, message, pause, Ledger.Amount.ZERO);
        }
        if (status == 408 || status >= 500) {
            return failed(SERVER, message, pause, Ledger.Amount.ZERO);
        }
        if (status == 401 || status == 402 || status == 403 || status == 404 || status < 400) {
            return failed(ACCESS, message, pause, Ledger.Amount.ZERO);
        }
        return new Verdict(
                new InferenceResult.Rejected(endpoint.withoutSecrets(message)), Ledger.Amount.ZERO);
    }

    /**
     * Reading the answer went wrong in a way that nobody foresaw: a value so deep or a pattern so
     * greedy that the stack is too small for it, for instance. It is billed as if it had cost the
     * most.
     */
    Verdict ofUnreadable(Call call, Throwable error) {
        String what = error.getMessage() == null ? error.toString() : error.getMessage();
        return failed(
                INVALID,
                "the server's answer could not be read: " + AnswerReader.brief(what),
                Duration.ZERO,
                call.reservation);
    }

    private Verdict ofAnswer(Call call, HttpResponse<byte[]> response) {
        Ledger.Amount cost = call.reservation; // Until the server says what it counted.
        try {
            JsonNode body = Exchange.json(response);
            if (!body.isObject()) {
                throw new InvalidAnswerException("the server's answer is not JSON");
            }
            Reply reply = api.reply(body);
            Usage usage = usage(call, reply);
            cost =
                    new Ledger.Amount(
                            (long) usage.promptTokens() + usage.outputTokens(), usage.costNanos());
            if (reply.refusal().isPresent()) {
                return new Verdict(
                        new InferenceResult.Rejected("refused: " + reply.refusal().get()), cost);
            }
            return new Verdict(reader.read(reply, call.request.output(), call.form, usage), cost);
        } catch (InvalidAnswerException e) {
            return failed(INVALID, e.getMessage(), Duration.ZERO, cost);
        }
    }

    /** As the server counted; where it does not say, as reserved. */
    private Usage usage(Call call, Reply reply) {
        Reply.Billed billed =
                reply.billed()
                        .orElse(new Reply.Billed(call.promptTokens, 0, call.form.maxTokens()));
        return new Usage(
                billed.promptTokens(),
                billed.cachedTokens(),
                billed.outputTokens(),
                call.sentNanos - call.submittedNanos,
                System.nanoTime() - call.sentNanos,
                prices.costNanos(
                        billed.promptTokens(), billed.cachedTokens(), billed.outputTokens()),
                endpoint.model());
    }

    private Verdict failed(String errorClass, String message, Duration pause, Ledger.Amount cost) {
        return new Verdict(
                new InferenceResult.Failed(endpoint.withoutSecrets(message), errorClass, pause),
                cost);
    }
}
