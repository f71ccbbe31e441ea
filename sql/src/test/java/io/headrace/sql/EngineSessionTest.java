package io.headrace.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Usage;
import io.headrace.operators.SlotGpus;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Label;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What becomes of rows when the engine does not answer at once. */
class EngineSessionTest {

    private static final InferenceResult SCORES =
            new InferenceResult.Scores(List.of(0.9, 0.1), new Usage(1, 0, 1, 0, 0));

    /** Ends requests as it was told; when that is used up, with none, or at close as failed. */
    private static final class ToldEngine implements InferenceEngine {

        private final Queue<InferenceResult> results;
        private final CompletableFuture<InferenceResult> open = new CompletableFuture<>();
        private int asked;
        private final CountDownLatch cancelled = new CountDownLatch(1);

        ToldEngine(InferenceResult... results) {
            this.results = new ArrayDeque<>(List.of(results));
        }

        @Override
        public CompletionStage<InferenceResult> submit(InferenceRequest request) {
            asked++;
            return Optional.ofNullable(results.poll())
                    .<CompletionStage<InferenceResult>>map(CompletableFuture::completedStage)
                    .orElse(open);
        }

        @Override
        public void cancel(InferenceRequest request) {
            cancelled.countDown();
        }

        @Override
        public ModelInfo model() {
            return new ModelInfo("told", "", "told", "told", 2_048, 512);
        }

        @Override
        public int countPromptTokens(InferenceRequest request) {
            return 1;
        }

        @Override
        public EngineStats stats() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            open.complete(new InferenceResult.Failed("closed"));
        }
    }

    private static EngineSession session(ToldEngine engine, Duration timeout) {
        return EngineSession.open(() -> engine, new CallLimits(timeout, 2), SlotGpus.NONE);
    }

    private static CompletableFuture<Outcome> ask(EngineSession session) {
        return session.ask(
                session.prepare(new Classify("c", List.of(Label.of("a"), Label.of("b")), 0)),
                "text");
    }

    @Test
    void aFailureThatCanPassIsTriedAgain() throws Exception {
        ToldEngine engine = new ToldEngine(new InferenceResult.Failed("busy"), SCORES);

        Outcome outcome = ask(session(engine, Duration.ofMinutes(1))).get(30, TimeUnit.SECONDS);

        assertThat(outcome).isInstanceOf(Outcome.Answered.class);
        assertThat(engine.asked).isEqualTo(2);
    }

    @Test
    void noMoreAttemptsAreMadeThanAllowed() throws Exception {
        ToldEngine engine =
                new ToldEngine(
                        new InferenceResult.Failed("busy"),
                        new InferenceResult.Failed("still busy"),
                        SCORES);

        assertThat(ask(session(engine, Duration.ofMinutes(1))).get(30, TimeUnit.SECONDS))
                .isEqualTo(new Outcome.Failed("Failed", "still busy"));
    }

    @Test
    void aRefusalIsFinal() throws Exception {
        ToldEngine engine = new ToldEngine(new InferenceResult.Rejected("too long"), SCORES);

        assertThat(ask(session(engine, Duration.ofMinutes(1))).get(30, TimeUnit.SECONDS))
                .isEqualTo(new Outcome.Failed("Rejected", "too long"));
    }

    @Test
    void aRowThatIsTooSlowFailsAndIsGivenUpInTheEngine() throws Exception {
        ToldEngine engine = new ToldEngine();

        Outcome outcome = ask(session(engine, Duration.ofMillis(50))).get(30, TimeUnit.SECONDS);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.errorClass()).isEqualTo("Timeout"));
        assertThat(engine.cancelled.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void afterCloseNoRowFailsSoThatAJobCanStop() {
        ToldEngine engine = new ToldEngine();
        EngineSession session = session(engine, Duration.ofMinutes(1));
        CompletableFuture<Outcome> row = ask(session);

        session.close();

        assertThat(row).isNotDone();
    }
}
