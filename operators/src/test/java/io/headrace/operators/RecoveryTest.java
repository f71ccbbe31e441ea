package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** What a checkpoint keeps. */
class RecoveryTest extends OperatorTestCase {

    @Test
    void restoresUnemittedRecordsInOrderWithTheResultsTheyHad() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:first", 1);
        harness.processElement("a:second", 2);
        engine.answer("second"::equals);
        runMails(harness);
        OperatorSubtaskState state = harness.snapshot(1, 1);

        ScriptedEngine before = engine;
        engine = new ScriptedEngine();
        var restored = harness(perKey(), true, 1, 0, state, INTENT, SUMMARY);
        assertThat(before.asked()).hasSize(4);
        assertThat(engine.asked()).containsOnly("first").hasSize(2);
        engine.answer(text -> true);
        runMails(restored);
        assertThat(records(restored)).containsExactly("a:first", "a:second");
        assertThat(restored.extractOutputStreamRecords().get(1).getTimestamp()).isEqualTo(2);
    }

    @Test
    void infersAgainAfterRestoreWhenTheModelIsAnother() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:first", 1);
        harness.processElement("a:second", 2);
        engine.answer("second"::equals);
        runMails(harness);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        engine = new ScriptedEngine("digest-2");
        harness(perKey(), true, 1, 0, state, INTENT, SUMMARY);
        assertThat(engine.asked()).hasSize(4);
    }

    @Test
    void rescalesWithoutLossOrDuplicates() throws Exception {
        var harness = keyed(perKey());
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            sent.add("key" + i + ":text" + i);
            harness.processElement(sent.get(i), i);
        }
        OperatorSubtaskState state = harness.snapshot(1, 1);
        List<String> received = new ArrayList<>();
        for (int subtask = 0; subtask < 3; subtask++) {
            engine = new ScriptedEngine();
            OperatorSubtaskState mine =
                    KeyedOneInputStreamOperatorTestHarness.repartitionOperatorState(
                            state, MAX_PARALLELISM, 1, 3, subtask);
            var part = harness(perKey(), true, 3, subtask, mine, INTENT, SUMMARY);
            engine.answer(text -> true);
            runMails(part);
            assertThat(records(part)).isNotEmpty();
            received.addAll(records(part));
        }
        assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
    }

    @Test
    void snapshotsFollowersOfARequestInFlight() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:same", 1);
        harness.processElement("b:same", 2);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        engine = ScriptedEngine.answeringAtOnce();
        var restored = harness(perKey(), true, 1, 0, state, INTENT, SUMMARY);
        runMails(restored);
        assertThat(records(restored)).containsExactlyInAnyOrder("a:same", "b:same");
    }
}
