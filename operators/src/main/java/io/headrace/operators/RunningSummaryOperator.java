package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.ModelInfo;
import io.headrace.operators.state.UnfinishedRecord;
import io.headrace.operators.task.RunningSummary;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.OutputTag;

/**
 * Renews the summary of a key with each of its records, one after the other, while other keys go
 * on.
 *
 * <p>A stage of its own behind the {@link EnrichmentOperator}: there the tasks of a record are
 * independent of all other records and may be answered from a cache; here each depends on the one
 * before. Behind it, since a record that ends as a dead letter must not be in the summary.
 *
 * <p>Everything runs on the task's thread. A summary is written to the state in the same mail that
 * emits its record, so a checkpoint has both behind it or before it: a record is in the summary
 * once. It also holds the records that wait, and the answers to parts of the first record of each
 * key where its text had to be split. These are taken over only for the same model, prompt, summary
 * and text.
 */
final class RunningSummaryOperator<T> extends AbstractStreamOperator<Enriched<T>>
        implements OneInputStreamOperator<Enriched<T>, Enriched<T>>,
                BoundedOneInput,
                EngineCalls.Listener<Enriched<T>> {

    private static final long serialVersionUID = 1L;

    /**
     * What the operator is made of. Travels with the job graph.
     *
     * @param tasks the running summary alone, with its adapter
     * @param position of the summary among the results of all tasks
     * @param tasksVersion of all tasks, for the provenance
     */
    record Plan<T>(
            TaskSet tasks,
            int position,
            String tasksVersion,
            TextFunction<T> text,
            EngineProvider engines,
            EnrichmentOptions options,
            TypeInformation<Enriched<T>> inputType,
            OutputTag<Unenriched<T>> failures)
            implements Serializable {

        RunningSummary task() {
            return (RunningSummary) tasks.tasks().get(0);
        }
    }

    private final Plan<T> plan;

    private transient MailboxExecutor taskMailbox;
    private transient TaskEngines engines;
    private transient EngineAccounts accounts;
    private transient String fingerprint;
    private transient InferenceEngine engine;
    private transient ModelInfo model;
    private transient EngineCalls<Enriched<T>> calls;
    private transient InFlightQueue<Enriched<T>> queue;
    private transient OperatorMetrics counters;
    private transient ValueState<String> summaries;
    private transient UnfinishedRecords<Enriched<T>> unfinished;
    private transient List<UnfinishedRecord<Enriched<T>>> restored;

    RunningSummaryOperator(Plan<T> plan) {
        this.plan = plan;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        unfinished =
                new UnfinishedRecords<>(
                        context.getOperatorStateStore(),
                        true,
                        plan.inputType()
                                .createSerializer(getExecutionConfig().getSerializerConfig()));
        restored =
                context.isRestored()
                        ? unfinished.restored(
                                KeyGroups.of(
                                        getKeyedStateBackend(),
                                        getRuntimeContext(),
                                        getStateKeySelector1()))
                        : List.of();
        counters =
                OperatorMetrics.restore(
                        getMetricGroup(),
                        getContainingTask().getJobConfiguration(),
                        context.getOperatorStateStore());
        accounts =
                EngineAccounts.restore(
                        getMetricGroup(),
                        context.getOperatorStateStore(),
                        plan.engines().use(),
                        getRuntimeContext());
        ValueStateDescriptor<String> descriptor =
                new ValueStateDescriptor<>("running-summary", StringSerializer.INSTANCE);
        descriptor.enableTimeToLive(
                StateTtlConfig.newBuilder(plan.task().timeToLive())
                        .cleanupIncrementally(10, false)
                        .cleanupInRocksdbCompactFilter(1_000)
                        .build());
        summaries = context.getKeyedStateStore().getState(descriptor);
    }

    @Override
    public void open() throws Exception {
        super.open();
        taskMailbox = mailbox(TaskMailbox.MIN_PRIORITY);
        queue = new InFlightQueue<>();
        long openedNanos = System.nanoTime();
        engines =
                TaskEngines.open(
                        plan.engines(),
                        plan.tasks(),
                        plan.options().serviceClass(),
                        accounts::opening,
                        Optional.empty());
        engine = engines.first();
        model = engine.model();
        fingerprint = plan.tasks().version() + ":" + model.digest();
        calls =
                new EngineCalls<>(
                        engines,
                        accounts,
                        plan.options().failurePolicy(),
                        new EngineCalls.TaskThread(
                                mailbox(getOperatorConfig().getChainIndex()),
                                getProcessingTimeService()),
                        counters,
                        this);
        counters.registerQueue(queue::size, queue::tokens);
        counters.registerEngine(engine, System.nanoTime() - openedNanos);
        for (UnfinishedRecord<Enriched<T>> record : restored) {
            StreamRecord<Enriched<T>> input = new StreamRecord<>(record.value());
            record.timestamp().ifPresent(input::setTimestamp);
            admit(input, Optional.of(record));
        }
        restored = null;
    }

    private MailboxExecutor mailbox(int priority) {
        return getContainingTask().getMailboxExecutorFactory().createExecutor(priority);
    }

    @Override
    public void processElement(StreamRecord<Enriched<T>> record) throws Exception {
        counters.recordIn();
        admit(record.copy(record.getValue()), Optional.empty());
        while (queue.isFull(plan.options())) {
            taskMailbox.yield();
        }
    }

    private void admit(
            StreamRecord<Enriched<T>> record, Optional<UnfinishedRecord<Enriched<T>>> known)
            throws Exception {
        setKeyContextElement1(record);
        InFlight<Enriched<T>> entry = new InFlight<>(record, getCurrentKey(), 1);
        try {
            String text = TextFunction.nonBlank(plan.text(), entry.value().record());
            if (text == null) {
                entry.letPass();
            } else {
                entry.setText(text);
            }
        } catch (UnusableRecordException e) {
            entry.fail(e.toFailure());
        }
        boolean first = queue.first(entry.lane()).isEmpty();
        queue.add(entry);
        if (!entry.settled()) { // Also of a record that waits for those before it.
            queue.charge(entry, engines.route(0).promptTokens(entry.text()));
        }
        if (first) {
            start(entry, known);
        }
    }

    /** Asks for the summary with this record. The key context is that of the entry. */
    private void start(InFlight<Enriched<T>> entry, Optional<UnfinishedRecord<Enriched<T>>> known)
            throws Exception {
        if (entry.settled()) {
            leave(entry);
            return;
        }
        String before = Optional.ofNullable(summaries.value()).orElse("");
        entry.setText(plan.task().text(before, entry.text()));
        entry.setCacheKey(CacheKey.of(fingerprint, entry.text()));
        known.filter(state -> state.fingerprint().equals(entry.cacheKey()))
                .ifPresent(entry::restore);
        calls.start(entry);
    }

    @Override
    public void onDone(InFlight<Enriched<T>> entry) throws Exception {
        setKeyContextElement1(entry.record());
        TaskResult.Summarized summary = (TaskResult.Summarized) entry.outcomes().get(0).result();
        if (!summary.text().isEmpty()) { // A model that says nothing has nothing to add.
            summaries.update(summary.text());
        }
        leave(entry);
    }

    @Override
    public void onFailed(InFlight<Enriched<T>> entry, Failure failure) throws Exception {
        entry.fail(failure);
        leave(entry);
    }

    /** Lets the first entry of a key go, and begins with the next. */
    private void leave(InFlight<Enriched<T>> entry) throws Exception {
        queue.leave(entry, this::emit);
        Optional<InFlight<Enriched<T>>> next = queue.first(entry.lane());
        if (next.isPresent()) {
            setKeyContextElement1(next.get().record());
            start(next.get(), Optional.empty());
        }
        emitMarks();
    }

    private void emit(InFlight<Enriched<T>> entry) {
        Enriched<T> input = entry.value();
        if (entry.unasked()) {
            output.collect(entry.atItsTime(input));
            return;
        }
        if (entry.failure().isEmpty()) {
            Enriched<T> summary =
                    Results.of(input.record(), entry.outcomes(), false, plan.tasksVersion(), model);
            counters.recordOut(entry, summary, plan.tasks());
            output.collect(entry.atItsTime(with(summary, input)));
            return;
        }
        Failure failure = entry.failure().get();
        if (plan.options().failurePolicy().action(failure) == FailureAction.FAIL_JOB) {
            throw new EnrichmentFailedException(failure);
        }
        counters.deadLetter(failure);
        output.collect(
                plan.failures(),
                entry.atItsTime(
                        new Unenriched<>(
                                input.record(),
                                failure,
                                failure.stage() == Failure.Stage.RENDER
                                        ? Optional.empty()
                                        : Optional.of(model.digest()))));
    }

    private Enriched<T> with(Enriched<T> summary, Enriched<T> input) {
        List<TaskResult> results = new ArrayList<>(input.results());
        results.add(plan.position(), summary.results().get(0));
        List<TaskAnswer> answers = new ArrayList<>(input.provenance().answers());
        answers.add(
                Math.min(plan.position(), answers.size()), summary.provenance().answers().get(0));
        return new Enriched<>(
                input.record(), results, summary.provenance().with(input.provenance(), answers));
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        queue.add(mark);
        emitMarks();
    }

    @Override
    public void processWatermarkStatus(WatermarkStatus status) throws Exception {
        queue.add(status);
        emitMarks();
    }

    private void emitMarks() throws Exception {
        queue.emitMarks(super::processWatermark, super::processWatermarkStatus);
    }

    @Override
    public void endInput() throws Exception {
        while (!queue.isEmpty()) {
            taskMailbox.yield();
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        unfinished.update(
                queue.entries().stream().map(entry -> entry.toState(entry.cacheKey())).toList());
        counters.snapshot();
        accounts.snapshot(engines.spending());
    }

    @Override
    public void close() throws Exception {
        try {
            if (calls != null) {
                calls.close();
                calls = null;
            } else if (engines != null) {
                engines.close();
            }
            engines = null;
            engine = null;
        } finally {
            super.close();
        }
    }
}
