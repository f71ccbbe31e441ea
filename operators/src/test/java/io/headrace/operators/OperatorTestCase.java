package io.headrace.operators;

import io.headrace.operators.state.WrapperTypeInformation;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.apache.flink.util.function.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;

/**
 * An operator in a harness, with an engine that answers when told. Records are {@code key:text}.
 */
abstract class OperatorTestCase {

    static final OutputTag<Unenriched<String>> FAILURES =
            new OutputTag<>("failures", WrapperTypeInformation.unenriched(Types.STRING));
    static final int MAX_PARALLELISM = 16;

    static final Classify INTENT =
            new Classify("intent", List.of(Label.of("refund"), Label.of("lost_card")), 0);
    static final Summarize SUMMARY = new Summarize("summary", 20);

    final List<AutoCloseable> open = new ArrayList<>();
    ScriptedEngine engine = new ScriptedEngine();

    /** What the operator does with the engine; its own parts must be serializable. */
    EngineUse use = EngineUse.PLAIN;

    /** Opens the first engine: that of the test. */
    EngineProvider first = Handover.ENGINE::get;

    /** Null is the backend on the heap. */
    StateBackend stateBackend;

    /** Hands the test's engine to the operator without serializing it. */
    private static final class Handover {
        private static final ThreadLocal<ScriptedEngine> ENGINE = new ThreadLocal<>();
    }

    OneInputStreamOperatorTestHarness<String, Enriched<String>> harness(
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
                                this::text,
                                use.of(first),
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
        if (stateBackend != null) {
            harness.setStateBackend(stateBackend);
        }
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

    /** What the model sees of a record. */
    String text(String record) {
        return record.substring(record.indexOf(':') + 1);
    }

    OneInputStreamOperatorTestHarness<String, Enriched<String>> keyed(EnrichmentOptions options)
            throws Exception {
        return harness(options, true, 1, 0, null, INTENT, SUMMARY);
    }

    static EnrichmentOptions perKey() {
        return EnrichmentOptions.DEFAULT.withOrder(ResultOrder.PER_KEY);
    }

    @AfterEach
    void closeHarnesses() throws Exception {
        for (AutoCloseable harness : open) {
            harness.close();
        }
    }

    /** Lets this run while the operator waits, as a barrier does. */
    static void mail(
            OneInputStreamOperatorTestHarness<?, ?> harness,
            ThrowingRunnable<? extends Exception> action) {
        harness.getTaskMailbox().put(new Mail(action, TaskMailbox.MIN_PRIORITY, "test"));
    }

    static void runMails(OneInputStreamOperatorTestHarness<?, ?> harness) throws Exception {
        while (harness.getTaskMailbox().hasMail()) {
            harness.getTaskMailbox().take(TaskMailbox.MIN_PRIORITY).run();
        }
    }

    static List<String> records(OneInputStreamOperatorTestHarness<String, Enriched<String>> h) {
        return h.extractOutputValues().stream().map(Enriched::record).toList();
    }

    static List<Unenriched<String>> failures(
            OneInputStreamOperatorTestHarness<String, Enriched<String>> harness) {
        Queue<StreamRecord<Unenriched<String>>> side = harness.getSideOutput(FAILURES);
        return side == null ? List.of() : side.stream().map(StreamRecord::getValue).toList();
    }

    static List<Long> watermarks(OneInputStreamOperatorTestHarness<?, ?> harness) {
        return harness.getOutput().stream()
                .filter(Watermark.class::isInstance)
                .map(element -> ((Watermark) element).getTimestamp())
                .toList();
    }

    /** How many values of keyed state there are, over all keys. */
    static int keyedState(OneInputStreamOperatorTestHarness<String, Enriched<String>> harness) {
        return ((KeyedOneInputStreamOperatorTestHarness<?, ?, ?>) harness).numKeyedStateEntries();
    }
}
