package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Windows of event time over the texts of a key. Records are {@code key:text}. */
class TextWindowsTest {

    private static final OutputTag<String> LATE = new OutputTag<>("late", Types.STRING);
    private static final int MAX_PARALLELISM = 16;
    private static final TextWindows SECONDS = new TextWindows(Duration.ofSeconds(1), 20);

    private final List<AutoCloseable> open = new ArrayList<>();
    private StateBackend stateBackend = new HashMapStateBackend();

    private KeyedOneInputStreamOperatorTestHarness<String, String, TextWindow<String, String>>
            operator(int parallelism, int subtask, OperatorSubtaskState state) throws Exception {
        var harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new TextWindowOperator<String, String>(
                                new TextWindowFunction<>(
                                        SECONDS, TextWindowsTest::text, Types.STRING, LATE)),
                        TextWindowsTest::keyOf,
                        Types.STRING,
                        MAX_PARALLELISM,
                        parallelism,
                        subtask);
        harness.setStateBackend(stateBackend);
        harness.setup(
                TextWindow.typeInformation(Types.STRING, Types.STRING)
                        .createSerializer(harness.getExecutionConfig().getSerializerConfig()));
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
        open.add(harness);
        return harness;
    }

    @AfterEach
    void closeHarnesses() throws Exception {
        for (AutoCloseable harness : open) {
            harness.close();
        }
    }

    private static String keyOf(String record) {
        return record.substring(0, record.indexOf(':'));
    }

    private static String text(String record) {
        return record.substring(record.indexOf(':') + 1);
    }

    private static TextWindow<String, String> window(
            String key, long start, int part, String... records) {
        return new TextWindow<>(key, start, start + 1_000, part, List.of(records));
    }

    @Test
    void closesTheWindowsOfEachKeyWhenTheWatermarkHasPassedThem() throws Exception {
        var harness = operator(1, 0, null);
        harness.processElement("a:one", 5);
        harness.processElement("b:other", 100);
        harness.processElement("a:next", 1_000);
        harness.processElement("a:two", 999);
        harness.processWatermark(998);
        assertThat(harness.extractOutputValues()).isEmpty();
        harness.processWatermark(999);
        assertThat(harness.extractOutputValues())
                .containsExactlyInAnyOrder(
                        window("a", 0, 0, "a:one", "a:two"), window("b", 0, 0, "b:other"));
        assertThat(harness.extractOutputStreamRecords())
                .extracting(StreamRecord::getTimestamp)
                .containsOnly(999L);
        harness.processWatermark(5_000);
        assertThat(harness.extractOutputValues()).endsWith(window("a", 1_000, 0, "a:next"));
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    @Test
    void timesBefore1970AreInWindowsToo() throws Exception {
        var harness = operator(1, 0, null);
        harness.processElement("a:old", -1);
        harness.processWatermark(0);
        assertThat(harness.extractOutputValues()).containsExactly(window("a", -1_000, 0, "a:old"));
    }

    @Test
    void givesLateRecordsAway() throws Exception {
        var harness = operator(1, 0, null);
        harness.processWatermark(999);
        harness.processElement("a:late", 999);
        harness.processElement("a:in time", 1_000);
        harness.processWatermark(2_000);
        assertThat(harness.getSideOutput(LATE))
                .extracting(StreamRecord::getValue)
                .containsExactly("a:late");
        assertThat(harness.extractOutputValues())
                .containsExactly(window("a", 1_000, 0, "a:in time"));
    }

    @Test
    void aWindowOfManyTextsComesInPartsSoThatItsStateIsBounded() throws Exception {
        var harness = operator(1, 0, null);
        for (int i = 0; i < 7; i++) {
            harness.processElement("a:ten chars" + i, i);
            assertThat(harness.numKeyedStateEntries()).isLessThanOrEqualTo(2); // and the counts
        }
        harness.processWatermark(999);
        assertThat(harness.extractOutputValues())
                .containsExactly(
                        window("a", 0, 0, "a:ten chars0", "a:ten chars1"),
                        window("a", 0, 1, "a:ten chars2", "a:ten chars3"),
                        window("a", 0, 2, "a:ten chars4", "a:ten chars5"),
                        window("a", 0, 3, "a:ten chars6"));
    }

    @Test
    void recordsWithoutTextDoNotGrowTheStateWithoutEndEither() throws Exception {
        var harness = operator(1, 0, null);
        for (int i = 0; i < 100; i++) {
            harness.processElement("a:", i);
        }
        assertThat(harness.extractOutputValues()).hasSize(10);
    }

    @Test
    void showsTheTextsOneBelowTheOtherAndLeavesOutEmptyOnes() throws Exception {
        assertThat(window("a", 0, 0, "a: one ", "a:  ", "a:two").text(TextWindowsTest::text))
                .isEqualTo("one\n\ntwo");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hashmap", "rocksdb"})
    void rescalesFromOneToThreeToTwoWithoutLossOrDuplicates(String backend) throws Exception {
        stateBackend =
                backend.equals("rocksdb")
                        ? new EmbeddedRocksDBStateBackend()
                        : new HashMapStateBackend();
        List<String> sent = new ArrayList<>();
        List<String> received = new ArrayList<>();
        List<OperatorSubtaskState> states = List.of();
        for (int parallelism : List.of(1, 3, 2)) {
            var subtasks =
                    new ArrayList<
                            KeyedOneInputStreamOperatorTestHarness<
                                    String, String, TextWindow<String, String>>>();
            for (int subtask = 0; subtask < parallelism; subtask++) {
                subtasks.add(operator(parallelism, subtask, part(states, parallelism, subtask)));
            }
            for (int i = 0; i < 40; i++) {
                String record = "key" + i % 20 + ":" + sent.size();
                sent.add(record);
                subtasks.get(
                                KeyGroupRangeAssignment.assignKeyToParallelOperator(
                                        keyOf(record), MAX_PARALLELISM, parallelism))
                        .processElement(record, 1_000 * (3 - parallelism % 3) + i);
            }
            states = new ArrayList<>();
            for (var subtask : subtasks) {
                subtask.processWatermark(parallelism == 2 ? 9_999 : -1);
                subtask.extractOutputValues().forEach(window -> received.addAll(window.records()));
                states.add(subtask.snapshot(1, 1));
            }
        }
        assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
    }

    private static OperatorSubtaskState part(
            List<OperatorSubtaskState> states, int parallelism, int subtask) throws Exception {
        return states.isEmpty()
                ? null
                : KeyedOneInputStreamOperatorTestHarness.repartitionOperatorState(
                        KeyedOneInputStreamOperatorTestHarness.repackageState(
                                states.toArray(OperatorSubtaskState[]::new)),
                        MAX_PARALLELISM,
                        states.size(),
                        parallelism,
                        subtask);
    }

    @Test
    void aCheckpointBetweenTwoClosingWindowsLosesNoneAndDoublesNone() throws Exception {
        var harness = operator(1, 0, null);
        IntStream.range(0, 10)
                .forEach(
                        i -> {
                            try {
                                harness.processElement("key" + i + ":x", i);
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
        List<OperatorSubtaskState> states = new ArrayList<>();
        List<TextWindow<String, String>> before = new ArrayList<>();
        harness.getTaskMailbox()
                .put(
                        new Mail(
                                () -> {
                                    before.addAll(harness.extractOutputValues());
                                    states.add(harness.snapshot(1, 1));
                                },
                                TaskMailbox.MIN_PRIORITY,
                                "barrier"));
        harness.processWatermark(999);
        assertThat(before).hasSize(1);
        assertThat(harness.extractOutputValues()).hasSize(10);

        var restored = operator(1, 0, states.get(0));
        restored.processWatermark(999);
        assertThat(restored.extractOutputValues()).hasSize(9).doesNotContainAnyElementsOf(before);
    }
}
