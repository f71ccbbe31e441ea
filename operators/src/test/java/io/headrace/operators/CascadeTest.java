package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.remote.Budget;
import io.headrace.inference.remote.Endpoint;
import io.headrace.inference.remote.Prices;
import io.headrace.inference.remote.RemoteOptions;
import io.headrace.inference.remote.RequestLimits;
import io.headrace.inference.remote.testing.ModelServer;
import io.headrace.inference.remote.testing.ModelServer.Answer;
import io.headrace.operators.state.Cascaded;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.MultiLabel;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cascade from an engine in the slot to a real HTTP server. */
class CascadeTest extends OperatorTestCase {

    private static final Task TOPICS =
            new MultiLabel("topics", List.of(Label.of("unsure_one"), Label.of("unsure_two")), 0.5);
    private static final long COST_NANOS = 1_000 * (100 * 2 + 10 * 5);

    private final ModelServer server = ModelServer.labelling(text -> "lost card");

    @BeforeEach
    void answerAtOnce() {
        engine = ScriptedEngine.answeringAtOnce();
    }

    @AfterEach
    void stop() throws Exception {
        closeHarnesses();
        open.clear();
        server.close();
    }

    private RemoteOptions options() {
        return RemoteOptions.of(Endpoint.of(Endpoint.Api.OPENAI, server.url(), "big"))
                .withPrices(new Prices(2, 2, 5));
    }

    private static EngineUse cascade(
            String task, double below, RemoteOptions second, boolean keepsFirst) {
        return new EngineUse(
                Map.of(task, new Cascade(below, new RemoteEngineProvider(second), keepsFirst)),
                Prices.FREE);
    }

    private OneInputStreamOperatorTestHarness<String, Enriched<String>> harness(
            OperatorSubtaskState state, Task... tasks) throws Exception {
        return harness(perKey(), true, 1, 0, state, tasks);
    }

    /** Runs mails until it holds; answers come from the server in their own time. */
    private static void until(
            OneInputStreamOperatorTestHarness<?, ?> harness, BooleanSupplier holds)
            throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("timed out").isLessThan(deadline);
            runMails(harness);
            Thread.sleep(2);
        }
    }

    private static long outputTokens(
            OneInputStreamOperatorTestHarness<String, Enriched<String>> harness) {
        return ((EnrichmentOperator<?>) harness.getOperator()).counts().get("outputTokens");
    }

    private static Enriched<String> last(
            OneInputStreamOperatorTestHarness<String, Enriched<String>> harness, int count)
            throws Exception {
        until(harness, () -> harness.extractOutputValues().size() == count);
        return harness.extractOutputValues().get(count - 1);
    }

    private static String label(Enriched<String> enriched) {
        return ((TaskResult.Classified) enriched.results().get(0)).label();
    }

    @Test
    void asksTheSecondModelAboutUnsureRecordsOnlyAndSaysWhatItCost() throws Exception {
        use = cascade("intent", 0.7, options(), false);
        var harness = harness(null, INTENT, SUMMARY);
        harness.processElement("a:quite sure", 0);
        Enriched<String> sure = last(harness, 1);
        assertThat(label(sure)).isEqualTo("refund");
        assertThat(server.asked()).isEmpty();
        assertThat(sure.provenance().costNanos()).isZero();

        harness.processElement("a:unsure", 0);
        Enriched<String> unsure = last(harness, 2);
        assertThat(label(unsure)).isEqualTo("lost_card");
        assertThat(unsure.provenance().costNanos()).isEqualTo(COST_NANOS);
        TaskAnswer intent = unsure.provenance().answers().get(0);
        assertThat(intent.model()).isEqualTo("big");
        assertThat(intent.cascaded()).contains(new Cascaded(0.6, true));
        assertThat(intent.promptTokens()).isEqualTo(100 + 100); // of both models
        TaskAnswer summary = unsure.provenance().answers().get(1);
        assertThat(summary.model()).isEqualTo("scripted");
        assertThat(summary.cascaded()).isEqualTo(Optional.empty());
        assertThat(server.asked()).hasSize(1);
        // Of the second model each token is billed: the other task is not in its prompt.
        assertThat(server.asked().get(0).body().toString())
                .contains("Task intent")
                .doesNotContain("Task summary");
    }

    @Test
    void asksForNoAnswerAgainThatIsInTheCheckpoint() throws Exception {
        use = cascade("topics", 0.95, options(), false);
        CountDownLatch release = new CountDownLatch(1);
        server.setScript(
                asked -> {
                    if (asked.text().contains("unsure two")) {
                        release.await();
                    }
                    return ModelServer.fitting(asked);
                });
        var harness = harness(null, TOPICS);
        harness.processElement("a:first", 0);
        int firstQuestions = engine.asked().size();
        assertThat(firstQuestions).isEqualTo(2);
        // Of the server's answers one comes back, with 10 tokens; the other never does.
        until(harness, () -> outputTokens(harness) == 2 * 5 + 10);
        until(harness, () -> server.asked().size() == 2);
        OperatorSubtaskState state = harness.snapshot(1, 1);

        closeHarnesses();
        open.clear();
        release.countDown();
        server.setScript(ModelServer::fitting);
        var restored = harness(state, TOPICS);
        Enriched<String> result = last(restored, 1);

        assertThat(engine.asked()).hasSize(firstQuestions);
        assertThat(server.asked()).hasSize(3);
        assertThat(server.asked().get(2).text()).contains("unsure two");
        assertThat(((TaskResult.MultiLabelled) result.results().get(0)).labels()).hasSize(2);
        assertThat(result.provenance().costNanos()).isEqualTo(2 * COST_NANOS);
    }

    @Test
    void letsTheFirstAnswerStandWhereTheBudgetIsSpentIfThatIsWanted() throws Exception {
        RemoteOptions poor = options().withBudget(new Budget(0, 0, Duration.ZERO, false));
        use = cascade("intent", 0.7, poor, true);
        var harness = harness(null, INTENT);
        harness.processElement("a:unsure", 0);
        Enriched<String> kept = last(harness, 1);
        assertThat(label(kept)).isEqualTo("refund");
        assertThat(kept.provenance().answers().get(0).model()).isEqualTo("scripted");
        assertThat(kept.provenance().answers().get(0).cascaded())
                .contains(new Cascaded(0.6, false));
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void keepsNoAnswerOfAFirstModelThatOnlyStandsInForTheSecond() throws Exception {
        RemoteOptions poor = options().withBudget(new Budget(0, 0, Duration.ZERO, false));
        use = cascade("intent", 0.7, poor, true);
        var harness = harness(null, INTENT);
        harness.processElement("a:unsure", 0);
        last(harness, 1);
        harness.processElement("a:unsure", 0);
        assertThat(last(harness, 2).provenance().cacheHit()).isFalse();
        harness.processElement("a:sure", 0);
        harness.processElement("a:sure", 0);
        assertThat(last(harness, 4).provenance().cacheHit()).isTrue();
        assertThat(engine.asked()).containsExactly("unsure", "unsure", "sure");
    }

    @Test
    void keepsNoAnswerOfALocalModelThatStandsInForTheRemoteOne() throws Exception {
        // Enough for one answer, and for one of the two questions of the next record.
        RemoteOptions poor =
                options()
                        .withLimits(new RequestLimits(1, 0, 0, Duration.ofSeconds(20)))
                        .withBudget(new Budget(430, Long.MAX_VALUE, Duration.ZERO, false));
        first = new RemoteEngineProvider(poor).withFallback(ScriptedEngine::answeringAtOnce);
        server.setScript(
                asked -> ModelServer.completion(asked, ModelServer.label("no"))); // no stand-in's
        var harness = harness(null, TOPICS);
        harness.processElement("a:paid", 0);
        last(harness, 1);
        harness.processElement("a:paid", 0);
        assertThat(last(harness, 2).provenance().cacheHit()).isTrue();
        harness.processElement("a:half", 0);
        assertThat(last(harness, 3).provenance().answers().get(0).model()).isEqualTo("scripted");
        harness.processElement("a:half", 0);
        assertThat(last(harness, 4).provenance().cacheHit()).isFalse();
        assertThat(server.asked()).hasSize(3);
    }

    @Test
    void theSecondModelsBudgetIsNotSharedWithOperatorsThatNeverAskIt() throws Exception {
        RemoteOptions paid =
                options().withBudget(new Budget(500, Long.MAX_VALUE, Duration.ZERO, false));
        // Beside this operator there are two running summaries, which open the first model.
        use = new EngineUse(cascade("intent", 0.7, paid, true).cascades(), Prices.FREE, 3);
        var harness = harness(null, INTENT);
        for (int i = 0; i < 4; i++) {
            harness.processElement("a:unsure " + i, 0);
            last(harness, i + 1);
        }
        assertThat(server.asked()).hasSize(4); // of at most 110 tokens
    }

    @Test
    void refusesTwoModelsWithOneAccount() {
        EngineProvider some = new RemoteEngineProvider(options());
        EngineProvider others = new RemoteEngineProvider(options().withPrices(Prices.FREE));
        var twice =
                Map.of("intent", new Cascade(1, some, false), "t", new Cascade(1, others, false));
        assertThatThrownBy(
                        () -> TaskEngines.requireAccountsOfTheirOwn(() -> engine, twice.values()))
                .hasMessageContaining("/v1 big is named twice");
        assertThatThrownBy(
                        () ->
                                TaskEngines.open(
                                        new EngineUse(
                                                        Map.of(
                                                                "intent",
                                                                new Cascade(1, others, false)),
                                                        Prices.FREE)
                                                .of(some),
                                        TaskSet.of(INTENT)))
                .hasMessageContaining("/v1 big is named twice");
        var once = Map.of("intent", new Cascade(1, some, false), "t", new Cascade(0, some, false));
        TaskEngines.requireAccountsOfTheirOwn(() -> engine, once.values());
    }

    @Test
    void makesDeadLettersOfWhatTheBudgetDoesNotPay() throws Exception {
        RemoteOptions poor = options().withBudget(new Budget(0, 0, Duration.ZERO, false));
        use = cascade("intent", 0.7, poor, false);
        var harness = harness(null, INTENT);
        harness.processElement("a:unsure", 0);
        until(harness, () -> failures(harness).size() == 1);
        assertThat(failures(harness).get(0).failure().errorClass()).isEqualTo("OverBudget");
        assertThat(failures(harness).get(0).failure().message())
                .startsWith("intent: the budget of big is used up");
    }

    @Test
    void goesOnFromTheSpendingOfTheCheckpoint() throws Exception {
        RemoteOptions paid =
                options().withBudget(new Budget(500, Long.MAX_VALUE, Duration.ZERO, false));
        use = cascade("intent", 0.7, paid, false);
        var harness = harness(null, INTENT);
        harness.processElement("a:unsure 1", 0);
        harness.processElement("a:unsure 2", 0);
        last(harness, 2);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        closeHarnesses();
        open.clear();

        var restored = harness(state, INTENT);
        for (int i = 3; i < 9; i++) {
            restored.processElement("a:unsure " + i, 0);
        }
        until(
                restored,
                () -> restored.extractOutputValues().size() + failures(restored).size() == 6);
        // 500 tokens pay for four answers of 110, or five where the fifth began below the limit.
        assertThat(server.asked().size()).isBetween(4, 5);
        assertThat(failures(restored)).isNotEmpty();
    }

    @Test
    void answersFromTheCacheUntilThresholdOrModelChange() throws Exception {
        use = cascade("intent", 0.7, options(), false);
        var harness = harness(null, INTENT);
        harness.processElement("a:unsure", 0);
        last(harness, 1);
        harness.processElement("a:unsure", 0);
        Enriched<String> cached = last(harness, 2);
        assertThat(label(cached)).isEqualTo("lost_card");
        assertThat(cached.provenance().costNanos()).isZero();
        assertThat(cached.provenance().answers().get(0).model()).isEqualTo("big");
        OperatorSubtaskState state = harness.snapshot(1, 1);
        closeHarnesses();
        open.clear();
        assertThat(server.asked()).hasSize(1);

        use = cascade("intent", 0.5, options(), false);
        var lower = harness(state, INTENT);
        lower.processElement("a:unsure", 0);
        assertThat(label(last(lower, 1))).isEqualTo("refund");
    }

    @Test
    void triesAgainAsOftenAsThePolicySays() throws Exception {
        use = cascade("intent", 0.7, options(), false);
        server.setScript(
                asked ->
                        asked.number() < 3
                                ? Answer.error(503, "overloaded", Map.of())
                                : ModelServer.completion(asked, ModelServer.label("refund")));
        EnrichmentOptions options =
                perKey().withFailurePolicy(FailurePolicy.DEFAULT.withBackoff(Duration.ZERO));
        var harness = harness(options, true, 1, 0, null, INTENT);
        harness.processElement("a:unsure", 0);
        until(
                harness,
                () -> {
                    try {
                        harness.setProcessingTime(harness.getProcessingTime() + 1);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                    return harness.extractOutputValues().size() == 1;
                });
        assertThat(server.asked()).hasSize(3);
    }

    @Test
    void aWaitForAServerIsNoTimeoutOfTheOperator() throws Exception {
        use = cascade("intent", 0.7, options(), false);
        CountDownLatch release = new CountDownLatch(1);
        server.setScript(
                asked -> {
                    release.await();
                    return ModelServer.fitting(asked);
                });
        var harness = harness(null, INTENT);
        harness.processElement("a:unsure", 0);
        until(harness, () -> server.asked().size() == 1);
        harness.setProcessingTime(Duration.ofDays(1).toMillis());
        runMails(harness);
        release.countDown();
        assertThat(label(last(harness, 1))).isEqualTo("refund");
    }

    @Test
    void ofAHierarchyTheProbabilityOfTheResultCountsWhichMayBeAParent() throws Exception {
        Task path =
                new Classify(
                        "path",
                        List.of(Label.of("card/lost"), Label.of("card/stolen"), Label.of("refund")),
                        0.7);
        server.setScript(asked -> ModelServer.completion(asked, ModelServer.label("card/stolen")));
        use = cascade("path", 0.75, options(), false);
        var sure = harness(null, path);
        sure.processElement("a:unsure", 0); // 0.6 for card/lost, and 0.8 for card
        assertThat(label(last(sure, 1))).isEqualTo("card");
        use = cascade("path", 0.85, options(), false);
        var doubting = harness(null, path);
        doubting.processElement("a:unsure", 0);
        assertThat(label(last(doubting, 1))).isEqualTo("card/stolen");
    }

    @Test
    void refusesACascadeOfATaskThatDoesNotSayHowSureItIs() {
        use = cascade("summary", 0.7, options(), false);
        assertThatThrownBy(() -> harness(null, INTENT, SUMMARY))
                .hasMessageContaining("'summary' cannot have a second model");
    }
}
