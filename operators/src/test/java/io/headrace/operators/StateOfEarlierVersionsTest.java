package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.InferenceResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checkpoints that earlier versions wrote are restored. The files are never written again: a new
 * version of the state gets a new file from {@link #main} and a further line here.
 */
class StateOfEarlierVersionsTest extends OperatorTestCase {

    @ParameterizedTest
    @ValueSource(strings = "operator-state-v1.bin")
    void restoresWhatAnEarlierVersionWrote(String file) throws Exception {
        String path = Objects.requireNonNull(getClass().getResource(file), file).getPath();
        OperatorSubtaskState state = OperatorSnapshotUtil.readStateHandle(path);
        var harness = harness(perKey(), true, 1, 0, state, INTENT, SUMMARY);
        assertThat(engine.asked()).containsExactly("first", "first"); // all else was done
        assertThat(((EnrichmentOperator<?>) harness.getOperator()).counts())
                .containsEntry("recordsIn", 4L)
                .containsEntry("recordsOut", 1L);
        engine.answer(text -> true);
        runMails(harness);
        assertThat(records(harness)).containsExactly("a:first", "a:second");
        assertThat(failures(harness)).extracting(Unenriched::record).containsExactly("a:third");
        assertThat(failures(harness).get(0).failure().message()).isEqualTo("intent: too long");
        harness.processElement("c:cached", 9);
        assertThat(engine.asked()).hasSize(2);
        assertThat(records(harness)).endsWith("c:cached");
        // what that version cached without timers goes too
        assertThat(keyedState(harness)).isPositive();
        harness.setProcessingTime(System.currentTimeMillis() + Duration.ofDays(3).toMillis());
        assertThat(keyedState(harness)).isZero();
    }

    /** Writes the file of the present version; its only argument is the path. */
    public static void main(String[] arguments) throws Exception {
        StateOfEarlierVersionsTest test = new StateOfEarlierVersionsTest();
        OneInputStreamOperatorTestHarness<String, Enriched<String>> harness = test.keyed(perKey());
        harness.processElement("c:cached", 0);
        test.engine.answer(text -> true);
        runMails(harness);
        harness.processElement("a:first", 1);
        harness.processElement("a:second", 2);
        harness.processElement("a:third", 3);
        test.engine.answer("second"::equals);
        test.engine.end("third"::equals, new InferenceResult.Rejected("too long"));
        runMails(harness);
        OperatorSnapshotUtil.writeStateHandle(
                harness.snapshot(1, 1), Path.of(arguments[0]).toString());
        test.closeHarnesses();
    }
}
