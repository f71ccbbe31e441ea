package io.headrace.operators;

import io.headrace.operators.VersionLoader.Loaded;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.events.EventBuilder;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.runtime.operators.coordination.OperatorEventGateway;
import org.apache.flink.runtime.operators.coordination.OperatorEventHandler;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.BoundedMultiInput;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator of a stream whose records are answered by the version that a control stream, its
 * second input, names last. {@link Versions} says how a version comes into force.
 *
 * <p>From the barrier on new records wait in the queue, within its bounds, until those before it
 * have left: so the versions of the results never go back, and each checkpoint's records are of one
 * version. The control stream has no say in watermarks.
 */
final class SwitchingEnrichmentOperator<T> extends EnrichmentOperator<T>
        implements TwoInputStreamOperator<T, Tuple2<Long, String>, Enriched<T>>,
                BoundedMultiInput,
                OperatorEventHandler,
                VersionLoader.Opener {

    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(SwitchingEnrichmentOperator.class);

    private final VersionReader reader;
    private final transient OperatorEventGateway coordinator;

    private transient Versions versions;

    /** Records that came after the barrier, in their order. */
    private transient List<InFlight<T>> held;

    SwitchingEnrichmentOperator(
            StreamOperatorParameters<Enriched<T>> parameters,
            Plan<T> plan,
            VersionReader reader,
            OperatorEventGateway coordinator) {
        super(parameters, plan);
        this.reader = reader;
        this.coordinator = coordinator;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        held = new ArrayList<>();
        versions =
                new Versions(
                        new VersionState(context.getOperatorStateStore(), reader.base()),
                        new VersionLoader(
                                reader, plan.tasks(), plan.options().failurePolicy(), this),
                        mailbox,
                        coordinator::sendEventToCoordinator,
                        loaded -> discard(loaded.engines()));
    }

    @Override
    long version() {
        return versions.number();
    }

    @Override
    ModelVersion firstVersion() {
        return versions.restored().orElseGet(super::firstVersion);
    }

    @Override
    public void open() throws Exception {
        super.open();
        versions.loadNext();
    }

    @Override
    public TaskEngines open(ModelVersion version) {
        return opened(version);
    }

    @Override
    public void discard(TaskEngines refused) {
        refused.close(engines());
    }

    @Override
    public void processElement1(StreamRecord<T> record) throws Exception {
        take(record);
    }

    @Override
    public void processElement2(StreamRecord<Tuple2<Long, String>> message) {
        versions.offer(message.getValue().f0, message.getValue().f1);
    }

    @Override
    public void handleOperatorEvent(OperatorEvent event) {
        if (event instanceof VersionEvent.Adopted adopted) {
            versions.adopt(adopted.number());
            if (!CheckpointingOptions.isCheckpointingEnabled(
                    getContainingTask().getJobConfiguration())) {
                onBarrier();
            }
        } else if (event instanceof VersionEvent.Refused refused
                && versions.refuse(refused.number())) {
            onRefused(refused);
        }
    }

    private void onRefused(VersionEvent.Refused refused) {
        counters().versionRefused();
        LOG.warn(
                "Version {} is refused, and the one in force, {}, goes on: {}",
                refused.number(),
                versions.number(),
                refused.reason());
        report(
                new EventBuilder(SwitchingEnrichmentOperator.class, "VersionRefused")
                        .setSeverity("WARN")
                        .setBody(refused.reason())
                        .setAttribute("version", refused.number())
                        .setAttribute("inForce", versions.number()));
    }

    /** One subtask speaks for all: they adopt and refuse together. */
    private void report(EventBuilder event) {
        if (getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0) {
            getMetricGroup().addEvent(event.setObservedTsMillis(System.currentTimeMillis()));
        }
    }

    @Override
    void admit(InFlight<T> entry) throws Exception {
        if (versions.due()) {
            queue().add(entry);
            held.add(entry);
        } else {
            super.admit(entry);
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        versions.snapshot();
        onBarrier();
    }

    private void onBarrier() {
        if (versions.barrier()) {
            mailbox.execute(this::onLeft, "version due");
        }
    }

    @Override
    void onLeft() throws Exception {
        if (versions.due() && queue().size() == held.size()) {
            switchVersion();
        }
    }

    private void switchVersion() throws Exception {
        Loaded loaded = versions.take();
        replaceBy(loaded);
        versions.loadNext();
        counters().versionSwitched();
        LOG.info("Version {} is in force: {}", versions.number(), loaded.engines().first().model());
        report(
                new EventBuilder(SwitchingEnrichmentOperator.class, "VersionSwitched")
                        .setAttribute("version", versions.number())
                        .setAttribute("tasksVersion", loaded.tasks().version())
                        .setAttribute("model", loaded.engines().first().model().name())
                        .setAttribute("modelDigest", loaded.engines().first().model().digest()));
        List<InFlight<T>> waiting = held;
        held = new ArrayList<>();
        for (InFlight<T> entry : waiting) {
            setKeyContextElement1(entry.record());
            begin(entry);
        }
    }

    @Override
    public void processWatermark1(Watermark mark) throws Exception {
        processWatermark(mark);
    }

    @Override
    public void processWatermark2(Watermark mark) {}

    @Override
    protected void processWatermarkStatus(WatermarkStatus status, int input) throws Exception {
        if (input == 0) {
            processWatermarkStatus(status);
        }
    }

    @Override
    public void endInput(int input) throws Exception {
        if (input == 1) {
            drain();
        }
    }

    @Override
    public void close() throws Exception {
        try {
            if (versions != null) {
                versions.close();
            }
        } finally {
            super.close();
        }
    }
}
