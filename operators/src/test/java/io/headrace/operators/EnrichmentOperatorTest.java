package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.operators.task.TaskResult;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.junit.jupiter.api.Test;

/** What leaves the operator, and in which order. */
class EnrichmentOperatorTest extends OperatorTestCase {

    @Test
    void emitsARecordWithTheResultsOfAllTasksAndItsTimestamp() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:my card", 42);
        assertThat(engine.asked()).containsExactly("my card", "my card");
        engine.answer(text -> true);
        runMails(harness);

        StreamRecord<? extends Enriched<String>> out = harness.extractOutputStreamRecords().get(0);
        assertThat(out.getTimestamp()).isEqualTo(42);
        Enriched<String> enriched = out.getValue();
        assertThat(enriched.record()).isEqualTo("a:my card");
        TaskResult.Classified intent = (TaskResult.Classified) enriched.results().get(0);
        assertThat(intent.label()).isEqualTo("refund");
        assertThat(intent.runnerUp()).contains("lost_card");
        assertThat(enriched.results().get(1)).isEqualTo(new TaskResult.Summarized("drac ym"));
        assertThat(enriched.provenance().promptTokens()).isEqualTo(200);
        assertThat(enriched.provenance().cachedTokens()).isEqualTo(120);
        assertThat(enriched.provenance().queueMillis()).isEqualTo(2);
        assertThat(enriched.provenance().cacheHit()).isFalse();
    }

    @Test
    void keepsTheOrderOfAKeyAndLetsOtherKeysPass() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:first", 1);
        harness.processElement("a:second", 2);
        harness.processElement("b:third", 3);
        engine.answer("second"::equals);
        engine.answer("third"::equals);
        runMails(harness);
        assertThat(records(harness)).containsExactly("b:third");
        engine.answer("first"::equals);
        runMails(harness);
        assertThat(records(harness)).containsExactly("b:third", "a:first", "a:second");
    }

    @Test
    void keepsTheOrderOfAllRecordsWhenAskedTo() throws Exception {
        var harness =
                harness(
                        EnrichmentOptions.DEFAULT.withOrder(ResultOrder.ORDERED),
                        false,
                        1,
                        0,
                        null,
                        INTENT);
        harness.processElement("a:first", 1);
        harness.processElement("b:second", 2);
        engine.answer("second"::equals);
        runMails(harness);
        assertThat(records(harness)).isEmpty();
        engine.answer("first"::equals);
        runMails(harness);
        assertThat(records(harness)).containsExactly("a:first", "b:second");
    }

    @Test
    void emitsAsDoneWhenUnordered() throws Exception {
        var harness = harness(EnrichmentOptions.DEFAULT, false, 1, 0, null, INTENT);
        harness.processElement("a:first", 1);
        harness.processElement("a:second", 2);
        engine.answer("second"::equals);
        runMails(harness);
        assertThat(records(harness)).containsExactly("a:second");
    }

    @Test
    void refusesPerKeyOrderOnAStreamWithoutKeys() {
        assertThatThrownBy(() -> harness(perKey(), false, 1, 0, null, INTENT))
                .hasMessageContaining("keyBy");
    }

    @Test
    void watermarksNeverOvertakeRecordsBeforeThem() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:first", 1);
        harness.processWatermark(10);
        harness.processElement("b:second", 11);
        harness.processWatermark(20);
        engine.answer("second"::equals);
        runMails(harness);
        assertThat(watermarks(harness)).isEmpty();
        engine.answer("first"::equals);
        runMails(harness);
        assertThat(watermarks(harness)).containsExactly(10L, 20L);
        StreamElement last = (StreamElement) harness.getOutput().toArray()[3];
        assertThat(last.isWatermark()).isTrue();
    }

    @Test
    void anInputFallsIdleAfterItsRecords() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:first", 1);
        harness.processWatermarkStatus(WatermarkStatus.IDLE);
        assertThat(harness.getOutput()).isEmpty();
        engine.answer("first"::equals);
        runMails(harness);
        assertThat(harness.getOutput()).hasSize(2).last().isEqualTo(WatermarkStatus.IDLE);
    }

    @Test
    void flushesEverythingAtTheEndOfInput() throws Exception {
        engine = ScriptedEngine.answeringAtOnce();
        var harness = keyed(perKey());
        for (int i = 0; i < 600; i++) { // more than fit at a time: the operator has to yield
            harness.processElement("k" + i % 7 + ":" + i, i);
        }
        harness.endInput();
        assertThat(records(harness)).hasSize(600);
    }

    @Test
    void closesTheEngineOnceAndGivesUpWhatItWasAsked() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:first", 1);
        harness.close();
        open.clear();
        assertThat(engine.closed()).isTrue();
        assertThat(engine.openRequests()).isZero();
    }

    @Test
    void aFullOperatorTakesCheckpointsThatHoldTheRecordItWaitsWith() throws Exception {
        var harness = keyed(perKey().withMaxInFlight(2));
        harness.processElement("a:first", 1);
        List<OperatorSubtaskState> taken = new ArrayList<>();
        mail(harness, () -> taken.add(harness.snapshot(1, 1)));
        mail(harness, () -> engine.answer(text -> true));
        harness.processElement("b:second", 2); // returns once there is room again

        engine = ScriptedEngine.answeringAtOnce();
        var restored = harness(perKey(), true, 1, 0, taken.get(0), INTENT, SUMMARY);
        runMails(restored);
        assertThat(records(restored)).containsExactlyInAnyOrder("a:first", "b:second");
    }

    @Test
    void waitsWhenTheTokensInFlightReachTheLimit() throws Exception {
        var harness = keyed(perKey().withMaxInFlightTokens(20)); // one for each character
        harness.processElement("a:0123456789", 1);
        List<Integer> openWhileWaiting = new ArrayList<>();
        mail(harness, () -> openWhileWaiting.add(engine.openRequests()));
        mail(harness, () -> engine.answer("0123456789"::equals));
        harness.processElement("b:abcdefghijk", 2);
        assertThat(openWhileWaiting).containsExactly(4);
        runMails(harness);
        assertThat(records(harness)).containsExactly("a:0123456789");
    }

    @Test
    void aRecordLongerThanTheLimitOfTokensIsTakenAlone() throws Exception {
        var harness = keyed(perKey().withMaxInFlightTokens(5));
        harness.processElement("a:0123456789", 1);
        engine.answer(text -> true);
        runMails(harness);
        assertThat(records(harness)).containsExactly("a:0123456789");
    }

    @Test
    void whatTheCacheAnswersCountsNoTokens() throws Exception {
        var harness = keyed(perKey().withMaxInFlightTokens(15));
        harness.processElement("a:0123456789", 1);
        engine.answer(text -> true);
        runMails(harness);
        harness.processElement("b:abcdefghij", 2);
        harness.processElement("a:0123456789", 3);
        assertThat(records(harness)).containsExactly("a:0123456789", "a:0123456789");
    }

    @Test
    void startsAChainOfItsOwn() {
        var factory = new EnrichmentOperatorFactory<String>(null);
        assertThat(factory.getChainingStrategy()).isEqualTo(ChainingStrategy.HEAD);
    }
}
