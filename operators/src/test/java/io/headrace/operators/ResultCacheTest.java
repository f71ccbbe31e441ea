package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.Summarize;
import java.time.Duration;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is answered without the engine. */
class ResultCacheTest extends OperatorTestCase {

    @Test
    void answersEqualTextOfAKeyFromTheCacheAlsoAfterRestore() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:same", 1);
        engine.answer(text -> true);
        runMails(harness);
        harness.processElement("a:same", 2);
        assertThat(engine.asked()).hasSize(2);
        assertThat(harness.extractOutputValues().get(1).provenance().cacheHit()).isTrue();
        assertThat(harness.extractOutputValues().get(1).provenance().promptTokens()).isZero();

        OperatorSubtaskState state = harness.snapshot(1, 1);
        engine = new ScriptedEngine();
        var restored = harness(perKey(), true, 1, 0, state, INTENT, SUMMARY);
        restored.processElement("a:same", 3);
        assertThat(engine.asked()).isEmpty();
        assertThat(records(restored)).containsExactly("a:same");
    }

    @Test
    void forgetsCachedResultsWhenTheTasksChange() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:same", 1);
        engine.answer(text -> true);
        runMails(harness);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        engine = new ScriptedEngine();
        var restored = harness(perKey(), true, 1, 0, state, INTENT, new Summarize("summary", 30));
        restored.processElement("a:same", 3);
        assertThat(engine.asked()).hasSize(2);
    }

    @Test
    void runsEqualTextsInFlightOnce() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:same", 1);
        harness.processElement("b:same", 2);
        harness.processElement("a:same", 3);
        assertThat(engine.asked()).hasSize(2);
        engine.answer(text -> true);
        runMails(harness);
        assertThat(records(harness)).containsExactlyInAnyOrder("a:same", "b:same", "a:same");
    }

    @Test
    void keepsNoMoreTextsOfAKeyThanItMay() throws Exception {
        engine = ScriptedEngine.answeringAtOnce();
        var harness = keyed(perKey().withCache(new CacheOptions(Duration.ofHours(1), 8)));
        for (int i = 0; i < 100; i++) {
            harness.setProcessingTime(i);
            harness.processElement("a:text " + i, i);
            runMails(harness);
        }
        engine.pause();
        int asked = engine.asked().size();
        for (int i = 0; i < 100; i++) {
            harness.processElement("a:text " + i, 100 + i);
        }
        int remembered = 100 - (engine.asked().size() - asked) / 2;
        assertThat(remembered).isBetween(1, 8);
        List<String> askedAgain = engine.asked().subList(asked, engine.asked().size());
        assertThat(askedAgain).doesNotContain("text 99"); // the newest are kept
    }

    @Test
    void forgetsAfterTheTimeToLive() throws Exception {
        engine = ScriptedEngine.answeringAtOnce();
        var harness = keyed(perKey().withCache(new CacheOptions(Duration.ofMinutes(1), 8)));
        harness.setProcessingTime(0);
        harness.processElement("a:same", 1);
        runMails(harness);
        harness.setProcessingTime(59_000);
        harness.processElement("a:same", 2);
        assertThat(engine.asked()).hasSize(2);
        harness.setProcessingTime(60_000); // past its time, and no timer is due yet
        harness.processElement("a:same", 3);
        assertThat(engine.asked()).hasSize(4);
    }

    @Test
    void leavesNoStateBehindOfKeysThatAreNeverSeenAgain() throws Exception {
        engine = ScriptedEngine.answeringAtOnce();
        var harness = keyed(perKey().withCache(new CacheOptions(Duration.ofMinutes(1), 8)));
        for (int second = 0; second < 50; second++) {
            harness.setProcessingTime(second * 1_000L);
            harness.processElement("a:text " + second, second);
            harness.processElement("key " + second + ":text", second);
            runMails(harness);
        }
        // 51 keys, each with its texts' map, their number, and timers
        assertThat(keyedState(harness)).isEqualTo(2 * 51);
        assertThat(harness.numProcessingTimeTimers()).isBetween(51, 51 + 8);
        harness.setProcessingTime(100_000);
        assertThat(keyedState(harness)).isBetween(2, 2 * 21);
        harness.setProcessingTime(120_000);
        assertThat(keyedState(harness)).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    @Test
    void keepsNothingWhenToldSo() throws Exception {
        engine = ScriptedEngine.answeringAtOnce();
        var harness = keyed(perKey().withCache(CacheOptions.NONE));
        harness.processElement("a:same", 1);
        runMails(harness);
        harness.processElement("a:same", 2);
        assertThat(engine.asked()).hasSize(4);
    }

    @Test
    void answersNoOtherKeyThanTheOneThatAsked() throws Exception {
        engine = ScriptedEngine.answeringAtOnce();
        var harness = keyed(perKey());
        harness.processElement("a:same", 1);
        runMails(harness);
        harness.processElement("b:same", 2);
        assertThat(engine.asked()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"digest", "label", "description", "instruction", "limit"})
    void anyChangeOfMeaningMakesANewKey(String change) throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:same", 1);
        engine.answer(text -> true);
        runMails(harness);
        OperatorSubtaskState state = harness.snapshot(1, 1);

        engine = new ScriptedEngine(change.equals("digest") ? "digest-2" : "digest-1");
        Label second =
                switch (change) {
                    case "label" -> Label.of("stolen_card");
                    case "description" -> new Label("lost_card", "a card is gone");
                    default -> Label.of("lost_card");
                };
        Classify intent = new Classify("intent", List.of(Label.of("refund"), second), 0);
        if (change.equals("instruction")) {
            intent = new Classify("intent", "Say what is wanted.", intent.labels(), 0);
        }
        Summarize summary = new Summarize("summary", change.equals("limit") ? 21 : 20);
        var restored = harness(perKey(), true, 1, 0, state, intent, summary);
        restored.processElement("a:same", 2);
        assertThat(engine.asked()).hasSize(2);
    }
}
