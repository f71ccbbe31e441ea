package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.InferenceResult;
import io.headrace.operators.state.WrapperTypeInformation;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Records are texts of the form {@code key:text}. */
class EnrichmentOperatorTest {

    private static final OutputTag<Unenriched<String>> FAILURES =
            new OutputTag<>("failures", WrapperTypeInformation.unenriched(Types.STRING));
    private static final int MAX_PARALLELISM = 16;

    private static final Classify INTENT =
            new Classify("intent", List.of(Label.of("refund"), Label.of("lost_card")), 0);
    private static final Summarize SUMMARY = new Summarize("summary", 20);

    private final List<AutoCloseable> open = new ArrayList<>();
    private ScriptedEngine engine = new ScriptedEngine();

    /** Hands the test's engine to the operator without serializing it. */
    private static final class Handover {
        private static final ThreadLocal<ScriptedEngine> ENGINE = new ThreadLocal<>();
    }

    private OneInputStreamOperatorTestHarness<String, Enriched<String>> harness(
            EnrichmentOptions options,
            boolean keyed,
            int parallelism,
            int subtask,
            OperatorSubtaskState state,
            Task... tasks)
            throws Exception {
        ScriptedEngine mine = engine;
        Handover.ENGINE.set(mine);
        EnrichmentOperatorFactory<String> factory =
                new EnrichmentOperatorFactory<>(
                        new EnrichmentOperator.Plan<>(
                                TaskSet.of(tasks),
                                record -> record.substring(record.indexOf(':') + 1),
                                Handover.ENGINE::get,
                                options,
                                Types.STRING,
                                FAILURES));
        OneInputStreamOperatorTestHarness<String, Enriched<String>> harness =
                keyed
                        ? new KeyedOneInputStreamOperatorTestHarness<>(
                                factory,
                                record -> record.substring(0, record.indexOf(':')),
                                Types.STRING,
                                MAX_PARALLELISM,
                                parallelism,
                                subtask)
                        : new OneInputStreamOperatorTestHarness<>(
                                factory, MAX_PARALLELISM, parallelism, subtask);
        harness.setup(
                WrapperTypeInformation.enriched(Types.STRING)
                        .createSerializer(harness.getExecutionConfig().getSerializerConfig()));
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
        open.add(harness);
        return harness;
    }

    private OneInputStreamOperatorTestHarness<String, Enriched<String>> keyed(
            EnrichmentOptions options) throws Exception {
        return harness(options, true, 1, 0, null, INTENT, SUMMARY);
    }

    private static EnrichmentOptions perKey() {
        return EnrichmentOptions.DEFAULT.withOrder(ResultOrder.PER_KEY);
    }

    @AfterEach
    void closeHarnesses() throws Exception {
        for (AutoCloseable harness : open) {
            harness.close();
        }
    }

    private static void runMails(OneInputStreamOperatorTestHarness<?, ?> harness) throws Exception {
        while (harness.getTaskMailbox().hasMail()) {
            harness.getTaskMailbox().take(0).run();
        }
    }

    private static List<String> records(
            OneInputStreamOperatorTestHarness<String, Enriched<String>> h) {
        return h.extractOutputValues().stream().map(Enriched::record).toList();
    }

    private static List<Unenriched<String>> failures(
            OneInputStreamOperatorTestHarness<String, Enriched<String>> harness) {
        Queue<StreamRecord<Unenriched<String>>> side = harness.getSideOutput(FAILURES);
        return side == null ? List.of() : side.stream().map(StreamRecord::getValue).toList();
    }

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

    private static List<Long> watermarks(OneInputStreamOperatorTestHarness<?, ?> harness) {
        return harness.getOutput().stream()
                .filter(Watermark.class::isInstance)
                .map(element -> ((Watermark) element).getTimestamp())
                .toList();
    }

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
    void sendsARefusedRecordToTheSideOutputWithItsReason() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:huge", 7);
        engine.end(text -> true, new InferenceResult.Rejected("9000 tokens are over the context"));
        runMails(harness);
        assertThat(records(harness)).isEmpty();
        assertThat(failures(harness))
                .containsExactly(
                        new Unenriched<>(
                                "a:huge",
                                new Failure(
                                        Failure.Stage.INFER,
                                        "Rejected",
                                        "intent: 9000 tokens are over the context",
                                        1)));
        assertThat(harness.getSideOutput(FAILURES).peek().getTimestamp()).isEqualTo(7);
        assertThat(engine.openRequests()).isZero();
    }

    @Test
    void sendsEmptyTextToTheSideOutputWithoutAskingTheEngine() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a: \n", 1);
        assertThat(failures(harness)).hasSize(1);
        assertThat(failures(harness).get(0).failure().errorClass()).isEqualTo("EmptyText");
        assertThat(engine.asked()).isEmpty();
    }

    @Test
    void triesAgainAfterAFailureThatCanPass() throws Exception {
        var harness = keyed(perKey());
        harness.setProcessingTime(1_000);
        harness.processElement("a:first", 1);
        engine.end(text -> true, new InferenceResult.Failed("decode failed"));
        runMails(harness);
        assertThat(engine.asked()).hasSize(2);
        harness.setProcessingTime(2_000);
        assertThat(engine.asked()).hasSize(4);
        engine.answer(text -> true);
        runMails(harness);
        assertThat(records(harness)).containsExactly("a:first");
    }

    @Test
    void givesUpAfterTheLastAttempt() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:first", 1);
        for (int attempt = 1; attempt <= 3; attempt++) {
            engine.end(text -> true, new InferenceResult.Failed("decode failed"));
            runMails(harness);
            harness.setProcessingTime(attempt * 100_000L);
        }
        assertThat(failures(harness)).hasSize(1);
        assertThat(failures(harness).get(0).failure().attempts()).isEqualTo(3);
        assertThat(failures(harness).get(0).failure().message()).contains("decode failed");
    }

    @Test
    void givesUpARecordThatTakesTooLongAndIgnoresItsLateAnswer() throws Exception {
        FailurePolicy hasty = new FailurePolicy(Duration.ofSeconds(5), 1, Duration.ZERO, false);
        var harness = keyed(perKey().withFailurePolicy(hasty));
        harness.processElement("a:slow", 1);
        harness.processElement("a:next", 2);
        engine.answer("next"::equals);
        runMails(harness);
        harness.setProcessingTime(5_001);
        runMails(harness);
        assertThat(failures(harness)).hasSize(1);
        assertThat(failures(harness).get(0).failure().errorClass()).isEqualTo("Timeout");
        assertThat(engine.openRequests()).isZero();
        assertThat(records(harness)).containsExactly("a:next");
    }

    @Test
    void failsTheJobWhenThePolicySaysSo() throws Exception {
        FailurePolicy strict = new FailurePolicy(Duration.ofSeconds(5), 1, Duration.ZERO, true);
        var harness = keyed(perKey().withFailurePolicy(strict));
        harness.processElement("a:first", 1);
        engine.end(text -> true, new InferenceResult.Rejected("too long"));
        assertThatThrownBy(() -> runMails(harness))
                .hasStackTraceContaining("intent: too long")
                .hasStackTraceContaining("choose dead letters");
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
}
