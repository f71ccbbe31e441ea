package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.ModelInfo;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.state.TaskOutcome;
import io.headrace.operators.state.UnfinishedRecord;
import io.headrace.operators.task.TaskSet;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.annotation.VisibleForTesting;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.OutputTag;

/**
 * Puts the tasks on each record to the engine and emits the record with the results, or, to the
 * side output, with the reason why there are none.
 *
 * <p>Everything here runs on the task's thread: the engine's callbacks only post a mail. A
 * checkpoint holds every record that has not been emitted, with the outcomes it already has, so
 * that recovery loses no record and repeats no finished inference that the checkpoint holds.
 *
 * <p>A full operator runs the mails of the whole task while it waits, barriers included, so that
 * checkpoints go on however long the engine takes. That is why a record is in the queue, and so in
 * the checkpoint, before the wait; and why the operator begins a chain: a source that is chained to
 * it has not moved its offset on while it emits, and a checkpoint then would hold the record twice.
 */
abstract class EnrichmentOperator<T> extends AbstractStreamOperator<Enriched<T>>
        implements EngineCalls.Listener<T> {

    private static final long serialVersionUID = 1L;

    /** What the operator is made of, apart from what Flink gives it. Travels with the job graph. */
    record Plan<T>(
            TaskSet tasks,
            TextFunction<T> text,
            EngineProvider engines,
            EnrichmentOptions options,
            TypeInformation<T> recordType,
            OutputTag<Unenriched<T>> failures)
            implements Serializable {}

    private static final int CHARACTERS_PER_TOKEN = 4;

    final Plan<T> plan;
    final transient MailboxExecutor mailbox;

    /** Yields to every mail of the task; the operator's own would leave barriers waiting. */
    private final transient MailboxExecutor taskMailbox;

    private transient TaskSet tasks;
    private transient TaskEngines engines;
    private transient EngineAccounts accounts;
    private transient String tasksVersion;
    private transient String fingerprint;
    private transient InferenceEngine engine;
    private transient ModelInfo model;
    private transient EngineCalls<T> calls;
    private transient InFlightQueue<T> queue;
    private transient Map<String, InFlight<T>> leaders;
    private transient ResultCache cache;
    private transient OperatorMetrics counters;
    private transient UnfinishedRecords<T> unfinished;
    private transient List<UnfinishedRecord<T>> restored;

    EnrichmentOperator(StreamOperatorParameters<Enriched<T>> parameters, Plan<T> plan) {
        super(parameters);
        this.mailbox = parameters.getMailboxExecutor();
        this.taskMailbox =
                parameters
                        .getContainingTask()
                        .getMailboxExecutorFactory()
                        .createExecutor(TaskMailbox.MIN_PRIORITY);
        this.plan = plan;
    }

    private boolean keyed() {
        return getKeyedStateBackend() != null;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        unfinished =
                new UnfinishedRecords<>(
                        context.getOperatorStateStore(),
                        keyed(),
                        plan.recordType()
                                .createSerializer(getExecutionConfig().getSerializerConfig()));
        restored =
                context.isRestored()
                        ? unfinished.restored(
                                keyed()
                                        ? KeyGroups.of(
                                                getKeyedStateBackend(),
                                                getRuntimeContext(),
                                                getStateKeySelector1())
                                        : record -> true)
                        : List.of();
        counters =
                OperatorMetrics.restore(
                        getMetricGroup(), configuration(), context.getOperatorStateStore());
        accounts =
                EngineAccounts.restore(
                        getMetricGroup(),
                        context.getOperatorStateStore(),
                        plan.engines().use(),
                        getRuntimeContext());
        CacheOptions options = plan.options().cache();
        cache =
                keyed() && !options.timeToLive().isZero()
                        ? ResultCache.inKeyedState(
                                context.getKeyedStateStore(), options, this::cacheTimers)
                        : ResultCache.NONE;
        if (context.isRestored()) {
            cache.adopt(getKeyedStateBackend());
        }
    }

    private InternalTimerService<VoidNamespace> cacheTimers(
            Triggerable<Object, VoidNamespace> cache) {
        return getInternalTimerService("result-cache", VoidNamespaceSerializer.INSTANCE, cache);
    }

    /** Flink's: of the cluster, and of the job, which wins. */
    private Configuration configuration() {
        Configuration configuration =
                new Configuration(
                        getContainingTask()
                                .getEnvironment()
                                .getTaskManagerInfo()
                                .getConfiguration());
        configuration.addAll(getContainingTask().getJobConfiguration());
        return configuration;
    }

    @Override
    public void open() throws Exception {
        super.open();
        if (plan.options().order() == ResultOrder.PER_KEY && !keyed()) {
            throw new IllegalStateException(
                    "results can be ordered per key on a keyed stream only; call keyBy first");
        }
        queue = new InFlightQueue<>();
        leaders = new HashMap<>();
        ModelVersion version = firstVersion();
        long openedNanos = System.nanoTime();
        use(version.tasks(), opened(version), System.nanoTime() - openedNanos);
        counters.registerQueue(queue::size, queue::tokens);
        counters.registerVersion(this::version);
        for (UnfinishedRecord<T> record : restored) {
            admit(restoredEntry(record));
        }
        restored = null;
    }

    /** Number of the version in force; 0 is the job's own. */
    long version() {
        return 0;
    }

    /** What answers from the start on. */
    ModelVersion firstVersion() {
        return new ModelVersion(plan.tasks(), plan.engines());
    }

    /** Opens the engines of a version, beside those in force; any thread may do so. */
    final TaskEngines opened(ModelVersion version) {
        return TaskEngines.open(
                version.engines(),
                version.tasks(),
                plan.options().serviceClass(),
                accounts::opening,
                engines());
    }

    /** Goes on with a version that was opened beside the one in force, which is closed. */
    final void replaceBy(VersionLoader.Loaded next) {
        TaskEngines before = engines;
        counters.retireEngine(engine);
        use(next.tasks(), next.engines(), next.openNanos());
        before.close(engines());
    }

    final InFlightQueue<T> queue() {
        return queue;
    }

    final OperatorMetrics counters() {
        return counters;
    }

    /** The engines in force, if there are any yet. */
    final Optional<TaskEngines> engines() {
        return Optional.ofNullable(engines);
    }

    /** Puts the tasks to these engines from now on. Nothing may be under way with others. */
    final void use(TaskSet newTasks, TaskEngines newEngines, long openNanos) {
        tasks = newTasks;
        engines = newEngines;
        engine = engines.first();
        model = engine.model();
        tasksVersion = tasks.version();
        fingerprint = tasksVersion + ":" + model.digest() + engines.cascadeVersion();
        calls =
                new EngineCalls<>(
                        engines,
                        accounts,
                        plan.options().failurePolicy(),
                        new EngineCalls.TaskThread(mailbox, getProcessingTimeService()),
                        counters,
                        this);
        counters.registerEngine(engine, openNanos);
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

    final void take(StreamRecord<T> record) throws Exception {
        counters.recordIn();
        // The runtime may reuse the holder; ours must stay.
        admit(newEntry(record.copy(record.getValue())));
        while (queue.isFull(plan.options())) {
            taskMailbox.yield();
        }
    }

    private InFlight<T> newEntry(StreamRecord<T> record) throws Exception {
        // Mails may have moved the key context since the runtime set it.
        setKeyContextElement1(record);
        Object lane =
                switch (plan.options().order()) {
                    case UNORDERED -> null;
                    case PER_KEY -> getCurrentKey();
                    case ORDERED -> InFlightQueue.class;
                };
        return new InFlight<>(record, lane, tasks.size());
    }

    /** Takes an entry in. The key context is that of the entry. */
    void admit(InFlight<T> entry) throws Exception {
        queue.add(entry);
        begin(entry);
    }

    /** Finds the results of an entry in the queue. The key context is that of the entry. */
    final void begin(InFlight<T> entry) throws Exception {
        prepare(entry);
        if (entry.settled()) {
            settle(entry);
            return;
        }
        InFlight<T> leader = leaders.putIfAbsent(entry.text(), entry);
        if (leader == null) {
            calls.start(entry);
        } else {
            leader.addFollower(entry);
        }
    }

    /** Finds out what is known of an entry without the engine. */
    private void prepare(InFlight<T> entry) throws Exception {
        if (entry.settled()) {
            return;
        }
        String text;
        try {
            text = TextFunction.nonBlank(plan.text(), entry.value());
        } catch (UnusableRecordException e) {
            entry.fail(e.toFailure());
            return;
        }
        if (text == null) {
            entry.letPass();
            return;
        }
        entry.setText(text);
        if (cache == ResultCache.NONE) {
            return; // and spare the digest
        }
        entry.setCacheKey(CacheKey.of(fingerprint, text));
        Optional<List<TaskOutcome>> cached = cache.get(entry.cacheKey());
        if (cached.isPresent()) {
            counters.cacheHit();
            entry.completeFromCache(cached.get());
        }
    }

    @Override
    public void onAsk(InFlight<T> entry, InferenceRequest request) {
        // The prompts of a record differ in a few tokens only: the first stands for them.
        if (entry.tokens() == 0) {
            queue.charge(entry, tokensOf(request, entry.text()));
        }
    }

    private long tokensOf(InferenceRequest request, String text) {
        try {
            return engine.countPromptTokens(request);
        } catch (IllegalStateException e) {
            // An engine that is being restarted; the request itself is tried again.
            return text.length() / CHARACTERS_PER_TOKEN;
        }
    }

    @Override
    public void onDone(InFlight<T> entry) throws Exception {
        if (cache != ResultCache.NONE && engines.keeps(entry.outcomes())) {
            setKeyContextElement1(entry.record());
            cache.put(entry.cacheKey(), entry.outcomes());
        }
        leave(
                entry,
                follower -> {
                    counters.cacheHit();
                    follower.completeFromCache(entry.outcomes());
                });
    }

    @Override
    public void onFailed(InFlight<T> entry, Failure failure) throws Exception {
        entry.fail(failure);
        // Equal text, same tasks, same model: what refused one refuses the other.
        leave(entry, follower -> follower.fail(failure));
    }

    /** Settles an entry that was put to the engine, and those that waited for its outcomes. */
    private void leave(InFlight<T> entry, Consumer<InFlight<T>> settleFollower) throws Exception {
        leaders.remove(entry.text());
        List<InFlight<T>> followers = entry.takeFollowers();
        settle(entry);
        for (InFlight<T> follower : followers) {
            settleFollower.accept(follower);
            settle(follower);
        }
        onLeft();
    }

    /** Entries that were put to the engine have left the queue. */
    void onLeft() throws Exception {}

    private void settle(InFlight<T> entry) throws Exception {
        queue.leave(entry, this::emit);
        emitMarks();
    }

    private void emit(InFlight<T> entry) throws Exception {
        if (entry.unasked()) {
            output.collect(
                    entry.atItsTime(new Enriched<>(entry.value(), List.of(), Provenance.none())));
            return;
        }
        Optional<Failure> failure = entry.failure();
        if (failure.isEmpty()) {
            Enriched<T> enriched =
                    Results.of(
                            entry.value(), entry.outcomes(), entry.cacheHit(), tasksVersion, model);
            counters.recordOut(entry, enriched, tasks);
            output.collect(entry.atItsTime(enriched));
            return;
        }
        if (plan.options().failurePolicy().action(failure.get()) == FailureAction.FAIL_JOB) {
            throw new EnrichmentFailedException(failure.get());
        }
        counters.deadLetter(failure.get());
        Optional<String> digest =
                failure.get().stage() == Stage.RENDER
                        ? Optional.empty()
                        : Optional.of(model.digest());
        output.collect(
                plan.failures(),
                entry.atItsTime(new Unenriched<>(entry.value(), failure.get(), digest)));
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

    /** Waits for all records to leave. */
    final void drain() throws Exception {
        while (!queue.isEmpty()) {
            taskMailbox.yield();
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        unfinished.update(queue.entries(), fingerprint);
        counters.snapshot();
        accounts.snapshot(engines.spending());
    }

    @VisibleForTesting
    Map<String, Long> counts() {
        return counters.counts();
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
