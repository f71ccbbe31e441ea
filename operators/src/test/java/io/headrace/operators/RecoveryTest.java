package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.operators.task.Label;
import io.headrace.operators.task.MultiLabel;
import io.headrace.operators.task.TaskResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    void anAnswerFromTheCacheIsBilledNoSecondTimeAfterARestore() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:known", 1);
        engine.answer(text -> true);
        runMails(harness);
        harness.processElement("a:slow", 2);
        harness.processElement("a:known", 3); // answered, and kept back behind the slow one
        OperatorSubtaskState state = harness.snapshot(1, 1);

        engine = new ScriptedEngine();
        var restored = harness(perKey(), true, 1, 0, state, INTENT, SUMMARY);
        engine.answer(text -> true);
        runMails(restored);
        assertThat(records(restored)).containsExactly("a:slow", "a:known");
        Provenance known = restored.extractOutputValues().get(1).provenance();
        assertThat(known.cacheHit()).isTrue();
        assertThat(known.promptTokens()).isZero();
        assertThat(restored.extractOutputValues().get(0).provenance().cacheHit()).isFalse();
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

    @ParameterizedTest
    @ValueSource(strings = {"hashmap", "rocksdb"})
    void rescalesFromOneToThreeToTwoWithoutLossOrDuplicates(String backend) throws Exception {
        stateBackend =
                backend.equals("rocksdb")
                        ? new EmbeddedRocksDBStateBackend()
                        : new HashMapStateBackend();
        List<String> sent = new ArrayList<>();
        List<OperatorSubtaskState> states = List.of();
        for (int parallelism : List.of(1, 3, 2)) {
            List<OneInputStreamOperatorTestHarness<String, Enriched<String>>> subtasks =
                    subtasks(states, parallelism);
            for (int i = 0; i < 30; i++) {
                String record = "key" + i + ":text" + sent.size();
                sent.add(record);
                subtasks.get(subtaskOf("key" + i, parallelism)).processElement(record, i);
            }
            if (parallelism == 2) {
                engine.answer(text -> true);
                List<String> received = new ArrayList<>();
                for (var subtask : subtasks) {
                    runMails(subtask);
                    assertThat(records(subtask)).isNotEmpty();
                    received.addAll(records(subtask));
                }
                assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
                assertThat(byKey(received)).isEqualTo(byKey(sent));
            }
            states = snapshots(subtasks);
        }
    }

    private List<OneInputStreamOperatorTestHarness<String, Enriched<String>>> subtasks(
            List<OperatorSubtaskState> states, int parallelism) throws Exception {
        engine = new ScriptedEngine();
        List<OneInputStreamOperatorTestHarness<String, Enriched<String>>> subtasks =
                new ArrayList<>();
        for (int subtask = 0; subtask < parallelism; subtask++) {
            OperatorSubtaskState mine =
                    states.isEmpty()
                            ? null
                            : KeyedOneInputStreamOperatorTestHarness.repartitionOperatorState(
                                    KeyedOneInputStreamOperatorTestHarness.repackageState(
                                            states.toArray(OperatorSubtaskState[]::new)),
                                    MAX_PARALLELISM,
                                    states.size(),
                                    parallelism,
                                    subtask);
            subtasks.add(harness(perKey(), true, parallelism, subtask, mine, INTENT, SUMMARY));
        }
        return subtasks;
    }

    private static List<OperatorSubtaskState> snapshots(
            List<OneInputStreamOperatorTestHarness<String, Enriched<String>>> subtasks)
            throws Exception {
        List<OperatorSubtaskState> states = new ArrayList<>();
        for (var subtask : subtasks) {
            states.add(subtask.snapshot(1, 1));
        }
        return states;
    }

    private static int subtaskOf(String key, int parallelism) {
        return KeyGroupRangeAssignment.assignKeyToParallelOperator(
                key, MAX_PARALLELISM, parallelism);
    }

    private static Map<String, List<String>> byKey(List<String> records) {
        return records.stream()
                .collect(Collectors.groupingBy(record -> record.substring(0, record.indexOf(':'))));
    }

    @Test
    void theCacheAnswersAfterRescaling() throws Exception {
        List<OneInputStreamOperatorTestHarness<String, Enriched<String>>> one =
                subtasks(List.of(), 1);
        for (int i = 0; i < 30; i++) {
            one.get(0).processElement("key" + i + ":text" + i, i);
        }
        engine.answer(text -> true);
        runMails(one.get(0));
        var three = subtasks(snapshots(one), 3);
        for (int i = 0; i < 30; i++) {
            three.get(subtaskOf("key" + i, 3)).processElement("key" + i + ":text" + i, i);
        }
        assertThat(engine.asked()).isEmpty();
        assertThat(three.stream().mapToInt(subtask -> records(subtask).size()).sum()).isEqualTo(30);
    }

    @Test
    void countersCountOnAfterARestartAndTheirSumSurvivesRescaling() throws Exception {
        var one = subtasks(List.of(), 1);
        for (int i = 0; i < 30; i++) {
            one.get(0).processElement("key" + i + ":text" + i, i);
        }
        engine.answer(text -> true);
        runMails(one.get(0));
        var three = subtasks(snapshots(one), 3);
        long in = 0;
        long tokens = 0;
        for (var subtask : three) {
            var operator = (EnrichmentOperator<?>) subtask.getOperator();
            in += operator.counts().get("recordsIn");
            tokens += operator.counts().get("promptTokens");
        }
        assertThat(in).isEqualTo(30);
        assertThat(tokens).isEqualTo(30 * 2 * 100);
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

    @Test
    void keepsTheAnswersOfATaskOfManyQuestions() throws Exception {
        MultiLabel topics =
                new MultiLabel("topics", List.of(Label.of("a"), Label.of("b"), Label.of("c")), 0.5);
        var harness = harness(perKey(), true, 1, 0, null, topics);
        harness.processElement("a:first", 1);
        assertThat(engine.asked()).hasSize(3);
        engine.answerOne();
        engine.answerOne();
        runMails(harness);
        OperatorSubtaskState state = harness.snapshot(1, 1);

        engine = new ScriptedEngine();
        var restored = harness(perKey(), true, 1, 0, state, topics);
        assertThat(engine.asked()).hasSize(1);
        engine.answer(text -> true);
        runMails(restored);
        Enriched<String> enriched = restored.extractOutputValues().get(0);
        assertThat(((TaskResult.MultiLabelled) enriched.results().get(0)).labels()).hasSize(3);
        assertThat(enriched.provenance().promptTokens()).isEqualTo(300);
    }
}
