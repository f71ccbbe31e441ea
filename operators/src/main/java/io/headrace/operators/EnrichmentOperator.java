package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.state.TaskOutcome;
import io.headrace.operators.state.UnfinishedRecord;
import io.headrace.operators.state.UnfinishedRecordSerializer;
import io.headrace.operators.task.ResultConversionException;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.operators.ProcessingTimeService.ProcessingTimeCallback;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;

/**
 * Puts the tasks on each record to the engine and emits the record with the results, or, to the
 * side output, with the reason why there are none.
 *
 * <p>Everything here runs on the task's thread: the engine's callbacks only post a mail. A full
 * operator yields to the mailbox, so that checkpoints, timers and cancel go on. A checkpoint holds
 * every record that has not been emitted, with the outcomes it already has, so that recovery loses
 * no record and repeats no finished inference that the checkpoint holds.
 *
 * <p>On a keyed stream the unfinished records are in <em>union</em> list state and each subtask
 * takes those of its own key groups, since split list state would deal them out without regard to
 * keys.
 */
final class EnrichmentOperator<T> extends AbstractStreamOperator<Enriched<T>>
        implements OneInputStreamOperator<T, Enriched<T>>, BoundedOneInput {

    private static final long serialVersionUID = 1L;

    private static final String UNFINISHED_STATE = "unfinished-records";

    /** What the operator is made of, apart from what Flink gives it. Travels with the job graph. */
    record Plan<T>(
            TaskSet tasks,
            TextFunction<T> text,
            EngineProvider engines,
            EnrichmentOptions options,
            TypeInformation<T> recordType,
            OutputTag<Unenriched<T>> failures)
            implements Serializable {}

    private final Plan<T> plan;
    private final transient MailboxExecutor mailbox;

    private transient String systemMessage;
    private transient String tasksVersion;
    private transient String fingerprint;
    private transient InferenceEngine engine;
    private transient ModelInfo model;
    private transient InFlightQueue<T> queue;
    private transient Map<String, InFlight<T>> leaders;
    private transient ResultCache cache;
    private transient OperatorMetrics counters;
    private transient ListState<UnfinishedRecord<T>> unfinished;
    private transient List<UnfinishedRecord<T>> restored;

    EnrichmentOperator(StreamOperatorParameters<Enriched<T>> parameters, Plan<T> plan) {
        super(parameters);
        this.mailbox = parameters.getMailboxExecutor();
        this.plan = plan;
    }

    private boolean keyed() {
        return getKeyedStateBackend() != null;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        ListStateDescriptor<UnfinishedRecord<T>> descriptor =
                new ListStateDescriptor<>(
                        UNFINISHED_STATE,
                        new UnfinishedRecordSerializer<>(
                                plan.recordType()
                                        .createSerializer(
                                                getExecutionConfig().getSerializerConfig())));
        unfinished =
                keyed()
                        ? context.getOperatorStateStore().getUnionListState(descriptor)
                        : context.getOperatorStateStore().getListState(descriptor);
        restored = new ArrayList<>();
        if (context.isRestored()) {
            KeyGroupRange keyGroups = keyGroups();
            for (UnfinishedRecord<T> record : unfinished.get()) {
                if (isMine(record, keyGroups)) {
                    restored.add(record);
                }
            }
        }
        cache =
                keyed() && !plan.options().cacheTimeToLive().isZero()
                        ? ResultCache.inKeyedState(
                                context.getKeyedStateStore(), plan.options().cacheTimeToLive())
                        : ResultCache.NONE;
    }

    private KeyGroupRange keyGroups() {
        return keyed()
                ? ((CheckpointableKeyedStateBackend<?>) getKeyedStateBackend()).getKeyGroupRange()
                : KeyGroupRange.EMPTY_KEY_GROUP_RANGE;
    }

    private boolean isMine(UnfinishedRecord<T> record, KeyGroupRange keyGroups) throws Exception {
        if (!keyed()) {
            return true;
        }
        // Not through the key context: that refuses keys of other subtasks' groups.
        Object key = stateKeySelector().getKey(record.value());
        return keyGroups.contains(
                KeyGroupRangeAssignment.assignToKeyGroup(
                        key, getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks()));
    }

    @SuppressWarnings("unchecked") // the selector of this operator's only input
    private KeySelector<T, Object> stateKeySelector() {
        return (KeySelector<T, Object>) getStateKeySelector1();
    }

    @Override
    public void open() throws Exception {
        super.open();
        if (plan.options().order() == ResultOrder.PER_KEY && !keyed()) {
            throw new IllegalStateException(
                    "results can be ordered per key on a keyed stream only; call keyBy first");
        }
        systemMessage = plan.tasks().systemMessage();
        tasksVersion = plan.tasks().version();
        queue = new InFlightQueue<>();
        leaders = new HashMap<>();
        engine = plan.engines().open();
        model = engine.model();
        fingerprint = tasksVersion + ":" + model.digest();
        counters = OperatorMetrics.register(getMetricGroup(), engine, queue::size);
        for (UnfinishedRecord<T> record : restored) {
            admit(restoredEntry(record));
        }
        restored = null;
    }

    private InFlight<T> restoredEntry(UnfinishedRecord<T> state) throws Exception {
        StreamRecord<T> record = new StreamRecord<>(state.value());
        state.timestamp().ifPresent(record::setTimestamp);
        InFlight<T> entry = newEntry(record);
        if (state.fingerprint().equals(fingerprint)) {
            entry.restore(state);
        }
        return entry;
    }

    @Override
    public void processElement(StreamRecord<T> record) throws Exception {
        while (queue.size() >= plan.options().maxInFlight()) {
            mailbox.yield();
        }
        counters.recordIn();
        // The runtime may reuse the holder; ours must stay.
        admit(newEntry(record.copy(record.getValue())));
    }

    private InFlight<T> newEntry(StreamRecord<T> record) throws Exception {
        // Mails may have moved the key context since the runtime set it.
        setKeyContextElement1(record);
        Object lane =
                switch (plan.options().order()) {
                    case UNORDERED -> new Object();
                    case PER_KEY -> getCurrentKey();
                    case ORDERED -> InFlightQueue.class;
                };
        return new InFlight<>(record, lane, plan.tasks().size());
    }

    /** Takes an entry in. The key context is that of the entry. */
    private void admit(InFlight<T> entry) throws Exception {
        queue.add(entry);
        if (entry.settled()) {
            settle(entry);
            return;
        }
        String text;
        try {
            text = plan.text().text(entry.value());
            if (text.isBlank()) {
                throw new UnusableRecordException(
                        Stage.RENDER, "EmptyText", "the record's text is empty");
            }
        } catch (UnusableRecordException e) {
            entry.fail(e.toFailure());
            settle(entry);
            return;
        }
        entry.setCacheKey(CacheKey.of(fingerprint, text));
        Optional<List<TaskOutcome>> cached = cache.get(entry.cacheKey());
        if (cached.isPresent()) {
            counters.cacheHit();
            entry.completeFromCache(cached.get());
            settle(entry);
            return;
        }
        InFlight<T> leader = leaders.putIfAbsent(entry.cacheKey(), entry);
        if (leader != null) {
            leader.followers().add(entry);
            return;
        }
        start(entry, text);
    }

    private void start(InFlight<T> entry, String text) {
        entry.addTimer(
                in(plan.options().failurePolicy().timeout().toMillis(), time -> onTimeout(entry)));
        for (int i = 0; i < plan.tasks().size(); i++) {
            if (!entry.hasOutcome(i)) {
                submit(entry, i, text);
            }
        }
    }

    private void submit(InFlight<T> entry, int index, String text) {
        Task task = plan.tasks().tasks().get(index);
        InferenceRequest request =
                new InferenceRequest(
                        plan.tasks().prompt(systemMessage, task, text),
                        task.output(text),
                        plan.options().serviceClass());
        entry.started(index, request);
        engine.submit(request)
                .whenComplete(
                        (result, error) -> {
                            InferenceResult ended =
                                    error == null
                                            ? result
                                            : new InferenceResult.Failed(String.valueOf(error));
                            try {
                                mailbox.execute(
                                        () -> onResult(entry, index, request, text, ended),
                                        "inference result");
                            } catch (RejectedExecutionException e) {
                                // The task ends; the record is in its checkpoint or read again.
                            }
                        });
    }

    private void onResult(
            InFlight<T> entry,
            int index,
            InferenceRequest request,
            String text,
            InferenceResult result)
            throws Exception {
        if (entry.request(index) != request) {
            return; // An answer to an attempt that was given up.
        }
        entry.ended(index);
        if (entry.settled()) {
            return;
        }
        if (result instanceof InferenceResult.Completed completed) {
            Task task = plan.tasks().tasks().get(index);
            try {
                TaskOutcome outcome = new TaskOutcome(task.result(completed), completed.usage());
                entry.complete(index, outcome);
                counters.tokens(completed.usage());
            } catch (ResultConversionException e) {
                fail(entry, Stage.CONVERT, "Unconvertible", task.name() + ": " + e.getMessage());
                return;
            }
            if (entry.done()) {
                finish(entry);
            }
        } else {
            onUnanswered(entry, index, text, result);
        }
    }

    private void onUnanswered(InFlight<T> entry, int index, String text, InferenceResult result)
            throws Exception {
        String task = plan.tasks().tasks().get(index).name() + ": ";
        if (result instanceof InferenceResult.Rejected rejected) {
            fail(entry, Stage.INFER, "Rejected", task + rejected.reason());
            return;
        }
        String reason =
                result instanceof InferenceResult.Failed failed
                        ? failed.reason()
                        : "the request was cancelled";
        FailurePolicy policy = plan.options().failurePolicy();
        if (entry.attempts(index) >= policy.maxAttempts()) {
            fail(entry, Stage.INFER, "Failed", task + reason);
            return;
        }
        LOG.warn(
                "Attempt {} of {} failed for task {}{}; trying again",
                entry.attempts(index),
                policy.maxAttempts(),
                task,
                reason);
        counters.retry();
        entry.addTimer(
                in(
                        policy.backoffMillis(entry.attempts(index)),
                        time -> {
                            if (!entry.settled()) {
                                submit(entry, index, text);
                            }
                        }));
    }

    private ScheduledFuture<?> in(long millis, ProcessingTimeCallback callback) {
        ProcessingTimeService time = getProcessingTimeService();
        return time.registerTimer(time.getCurrentProcessingTime() + millis, callback);
    }

    private void onTimeout(InFlight<T> entry) throws Exception {
        if (!entry.settled()) {
            fail(
                    entry,
                    Stage.INFER,
                    "Timeout",
                    "no result within "
                            + plan.options().failurePolicy().timeout().toMillis()
                            + " ms");
        }
    }

    private void fail(InFlight<T> entry, Stage stage, String errorClass, String message)
            throws Exception {
        entry.fail(new Failure(stage, errorClass, message, entry.mostAttempts()));
        entry.requestsUnderWay().forEach(engine::cancel);
        finish(entry);
    }

    /** Settles an entry that was put to the engine, and those that waited for its outcomes. */
    private void finish(InFlight<T> entry) throws Exception {
        leaders.remove(entry.cacheKey(), entry);
        if (entry.done()) {
            setKeyContextElement1(entry.record());
            cache.put(entry.cacheKey(), entry.outcomes());
        }
        List<InFlight<T>> followers = List.copyOf(entry.followers());
        entry.followers().clear();
        settle(entry);
        for (InFlight<T> follower : followers) {
            if (entry.done()) {
                counters.cacheHit();
                follower.completeFromCache(entry.outcomes());
            } else {
                // Equal text, same tasks, same model: what refused one refuses the other.
                follower.fail(entry.failure().orElseThrow());
            }
            settle(follower);
        }
    }

    private void settle(InFlight<T> entry) throws Exception {
        entry.cancelTimers();
        List<InFlight<T>> leaving = new ArrayList<>();
        queue.leave(entry.lane(), leaving::add);
        for (InFlight<T> next : leaving) {
            emit(next);
        }
        emitWatermarks();
    }

    private void emit(InFlight<T> entry) throws Exception {
        setKeyContextElement1(entry.record());
        Optional<Failure> failure = entry.failure();
        if (failure.isEmpty()) {
            counters.recordOut();
            output.collect(
                    atTimeOf(
                            entry,
                            Results.of(
                                    entry.value(),
                                    entry.outcomes(),
                                    entry.cacheHit(),
                                    tasksVersion,
                                    model)));
            return;
        }
        if (plan.options().failurePolicy().failJob()) {
            throw new EnrichmentFailedException(failure.get());
        }
        counters.deadLetter();
        output.collect(
                plan.failures(), atTimeOf(entry, new Unenriched<>(entry.value(), failure.get())));
    }

    private static <X> StreamRecord<X> atTimeOf(InFlight<?> entry, X value) {
        StreamRecord<?> record = entry.record();
        return record.hasTimestamp()
                ? new StreamRecord<>(value, record.getTimestamp())
                : new StreamRecord<>(value);
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        queue.add(mark);
        emitWatermarks();
    }

    private void emitWatermarks() throws Exception {
        Optional<Watermark> next = queue.pollWatermark();
        while (next.isPresent()) {
            super.processWatermark(next.get());
            next = queue.pollWatermark();
        }
    }

    @Override
    public void endInput() throws Exception {
        while (!queue.isEmpty()) {
            mailbox.yield();
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        List<UnfinishedRecord<T>> records = new ArrayList<>(queue.size());
        for (InFlight<T> entry : queue.entries()) {
            records.add(entry.toState(fingerprint));
        }
        unfinished.update(records);
    }

    @Override
    public void close() throws Exception {
        try {
            if (engine != null) {
                for (InFlight<T> entry : queue.entries()) {
                    entry.cancelTimers();
                    entry.requestsUnderWay().forEach(engine::cancel);
                }
                engine.close();
                engine = null;
            }
        } finally {
            super.close();
        }
    }
}
