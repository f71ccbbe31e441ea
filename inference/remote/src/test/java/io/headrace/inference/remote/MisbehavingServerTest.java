package io.headrace.inference.remote;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import io.headrace.inference.remote.testing.ModelServer;
import io.headrace.inference.remote.testing.ModelServer.Answer;
import io.headrace.inference.remote.testing.ModelServer.Script;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which a server goes wrong ends a request, with its reason, and hides the key. */
class MisbehavingServerTest extends RemoteTestCase {

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of("500", status(500), "ServerError", "the server said 500: broken"),
                Arguments.of("529", status(529), "ServerError", "529"),
                Arguments.of("401", status(401), "Access", "the server said 401"),
                Arguments.of("404", status(404), "Access", "404"),
                Arguments.of(
                        "HTML",
                        answer(Answer.of(502, "<html>bad gateway")),
                        "ServerError",
                        "<html>"),
                Arguments.of("cut", answer(Answer.cut()), "Connection", "before the answer"),
                Arguments.of(
                        "malformed",
                        answer(Answer.of(200, "{\"choices\": [{")),
                        "InvalidAnswer",
                        "not JSON"),
                Arguments.of(
                        "empty choices",
                        answer(Answer.of(200, "{\"choices\": [], \"content\": []}")),
                        "InvalidAnswer",
                        "has no c"),
                Arguments.of(
                        "wrong schema",
                        (Script) asked -> ModelServer.completion(asked, "{\"people\": 99}"),
                        "InvalidAnswer",
                        "does not fit its schema"),
                Arguments.of(
                        "another object",
                        (Script) asked -> ModelServer.completion(asked, "{\"persons\": 1}"),
                        "InvalidAnswer",
                        "people"));
    }

    private static Script status(int status) {
        return answer(Answer.error(status, "broken, your key is " + KEY, Map.of()));
    }

    private static Script answer(Answer answer) {
        return asked -> answer;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void failuresThatCanPassSaySo(String name, Script script, String errorClass, String reason)
            throws Exception {
        server.setScript(script);
        for (Endpoint.Api api : Endpoint.Api.values()) {
            try (RemoteEngine asked = open(options(api))) {
                assertThat(ask(NUMBER))
                        .as("%s %s", asked.model().engine(), name)
                        .isInstanceOfSatisfying(
                                InferenceResult.Failed.class,
                                failed -> {
                                    assertThat(failed.errorClass()).isEqualTo(errorClass);
                                    assertThat(failed.reason())
                                            .contains(reason)
                                            .doesNotContain(KEY);
                                });
            }
        }
    }

    /** Java's patterns need a stack that grows with such a text. */
    @Test
    void anAnswerThatCannotBeReadEndsItsRequestAndLeavesTheOthersAlone() throws Exception {
        Output pattern =
                new Output.Json(
                        """
                        {"type":"object","properties":{"s":{"type":"string",\
                        "pattern":"^(a|b)*$"}},"required":["s"]}""",
                        50,
                        Sampling.GREEDY);
        open(options(Endpoint.Api.OPENAI).withLimits(limits(1)));
        server.setScript(
                asked -> ModelServer.completion(asked, "{\"s\":\"" + "ab".repeat(200_000) + "\"}"));
        assertThat(ask(pattern))
                .isInstanceOfSatisfying(
                        InferenceResult.Failed.class,
                        failed -> {
                            assertThat(failed.errorClass()).isEqualTo("InvalidAnswer");
                            assertThat(failed.reason()).contains("could not be read");
                        });
        server.setScript(asked -> ModelServer.completion(asked, "{\"s\":\"ab\"}"));
        assertThat(ask(pattern)).isInstanceOf(InferenceResult.Generated.class);
    }

    @Test
    void aWrongLabelIsNoAnswer() throws Exception {
        open(options(Endpoint.Api.OPENAI));
        server.setScript(asked -> ModelServer.completion(asked, ModelServer.label("weather")));
        assertThat(ask(LABELS))
                .isInstanceOfSatisfying(
                        InferenceResult.Failed.class,
                        failed -> assertThat(failed.reason()).contains("'weather' is no label"));
    }

    @Test
    void whatTheServerWillAlwaysRefuseIsRejected() throws Exception {
        open(options(Endpoint.Api.OPENAI));
        server.setScript(answer(Answer.error(400, "the prompt is too long", Map.of())));
        assertThat(ask(TEXT))
                .isEqualTo(
                        new InferenceResult.Rejected(
                                "the server said 400: the prompt is too long"));
    }

    @Test
    void aRefusalIsRejectedAndPaid() throws Exception {
        open(options(Endpoint.Api.OPENAI));
        server.setScript(
                asked -> {
                    ObjectNode body = ModelServer.openAi(asked, "");
                    ((ObjectNode) body.at("/choices/0/message"))
                            .put("refusal", "I will not.")
                            .putNull("content");
                    return Answer.of(200, body.toString());
                });
        assertThat(ask(NUMBER)).isEqualTo(new InferenceResult.Rejected("refused: I will not."));
        assertThat(engine.spending().tokens()).isEqualTo(110);
    }

    @ParameterizedTest
    @EnumSource
    void aSlowServerIsGivenUpAndCountsAsPaid(Endpoint.Api api) throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        server.setScript(
                asked -> {
                    release.await();
                    return ModelServer.fitting(asked);
                });
        open(options(api).withLimits(new RequestLimits(4, 0, 0, Duration.ofMillis(300))));
        InferenceResult result = ask(TEXT);
        release.countDown();
        assertThat(result)
                .isInstanceOfSatisfying(
                        InferenceResult.Failed.class,
                        failed -> {
                            assertThat(failed.errorClass()).isEqualTo("Timeout");
                            assertThat(failed.reason()).isEqualTo("no answer within 300 ms");
                        });
        assertThat(engine.spending().tokens())
                .isEqualTo(engine.countPromptTokens(request(TEXT)) + 20);
    }

    @Test
    void anUnreachableServerCostsNothing() throws Exception {
        open(options(Endpoint.Api.OPENAI));
        server.close();
        assertThat(ask(TEXT))
                .isInstanceOfSatisfying(
                        InferenceResult.Failed.class,
                        failed -> assertThat(failed.errorClass()).isEqualTo("Connection"));
        assertThat(engine.spending().tokens()).isZero();
    }

    private static String retryAfter(boolean asDate) {
        return asDate
                ? DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(3))
                : "1";
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leavesTheServerAloneForAsLongAsItSays(boolean asDate) throws Exception {
        open(options(Endpoint.Api.OPENAI));
        server.setScript(
                asked -> Answer.error(429, "too fast", Map.of("Retry-After", retryAfter(asDate))));
        long before = System.nanoTime();
        InferenceResult.Failed limited = (InferenceResult.Failed) ask(TEXT);
        assertThat(limited.errorClass()).isEqualTo("RateLimited");
        assertThat(limited.retryAfter()).isPositive().isLessThan(Duration.ofSeconds(5));
        server.setScript(ModelServer::fitting);
        assertThat(ask(TEXT)).isInstanceOf(InferenceResult.Generated.class);
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .isGreaterThanOrEqualTo(limited.retryAfter());
    }

    @Test
    void asksNoMoreAtATimeThanAllowedAndAllInTheEnd() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        server.setScript(
                asked -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    Thread.sleep(20);
                    now.decrementAndGet();
                    return ModelServer.fitting(asked);
                });
        open(options(Endpoint.Api.OPENAI).withLimits(limits(5)));
        List<CompletableFuture<InferenceResult>> results = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            results.add(engine.submit(request(TEXT)).toCompletableFuture());
        }
        for (CompletableFuture<InferenceResult> result : results) {
            assertThat(result.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(InferenceResult.Generated.class);
        }
        assertThat(most).hasValue(5);
        assertThat(engine.stats().completed()).isEqualTo(40);
    }

    @Test
    void givesUpWaitingAndSentRequestsAndFailsTheRestWhenItCloses() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        server.setScript(
                asked -> {
                    release.await();
                    return ModelServer.fitting(asked);
                });
        open(options(Endpoint.Api.OPENAI).withLimits(limits(1)));
        InferenceRequest sent = request(TEXT);
        InferenceRequest waiting = request(TEXT);
        var first = engine.submit(sent).toCompletableFuture();
        var second = engine.submit(waiting).toCompletableFuture();
        var third = engine.submit(request(TEXT)).toCompletableFuture();
        engine.cancel(waiting);
        assertThat(second.get(5, TimeUnit.SECONDS)).isEqualTo(new InferenceResult.Cancelled());
        engine.cancel(sent);
        assertThat(first.get(5, TimeUnit.SECONDS)).isEqualTo(new InferenceResult.Cancelled());
        engine.close();
        assertThat(third.get(5, TimeUnit.SECONDS)).isInstanceOf(InferenceResult.Failed.class);
        release.countDown();
    }
}
