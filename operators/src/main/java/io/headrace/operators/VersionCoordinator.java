package io.headrace.operators;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the subtasks of an operator adopt a version together, or none of them: runs on the
 * JobManager, on its main thread.
 *
 * <p>Flink delivers what a coordinator sends between two checkpoints to each subtask before the
 * second one's barrier. So all subtasks switch at the same checkpoint. There is no state: a subtask
 * that is restored loads what is pending and says again how it went.
 */
final class VersionCoordinator implements OperatorCoordinator {

    private static final Logger LOG = LoggerFactory.getLogger(VersionCoordinator.class);

    private final Context context;
    private final Map<Integer, SubtaskGateway> gateways = new HashMap<>();
    private final Map<Long, Set<Integer>> ready = new HashMap<>();
    private final Map<Long, VersionEvent.Refused> refused = new HashMap<>();

    private VersionCoordinator(Context context) {
        this.context = context;
    }

    /** Makes the coordinator of one operator. */
    record Provider(OperatorID operator) implements OperatorCoordinator.Provider {

        private static final long serialVersionUID = 1L;

        @Override
        public OperatorID getOperatorId() {
            return operator;
        }

        @Override
        public OperatorCoordinator create(Context context) {
            return new VersionCoordinator(context);
        }
    }

    @Override
    public void handleEventFromOperator(int subtask, int attempt, OperatorEvent event) {
        long number = ((VersionEvent) event).number();
        VersionEvent.Refused earlier = refused.get(number);
        if (earlier != null) {
            send(subtask, earlier);
        } else if (event instanceof VersionEvent.Unfit unfit) {
            refuse(number, "subtask " + subtask + ": " + unfit.reason());
        } else {
            Set<Integer> subtasks = ready.computeIfAbsent(number, it -> new HashSet<>());
            subtasks.add(subtask);
            if (subtasks.size() == context.currentParallelism()) {
                ready.remove(number);
                LOG.info("All subtasks have version {} loaded; it is adopted", number);
                sendToAll(new VersionEvent.Adopted(number));
            }
        }
    }

    private void refuse(long number, String reason) {
        LOG.warn("Version {} is refused, and the one in force goes on: {}", number, reason);
        ready.remove(number);
        VersionEvent.Refused event = new VersionEvent.Refused(number, reason);
        refused.put(number, event);
        sendToAll(event);
    }

    private void sendToAll(VersionEvent event) {
        Set.copyOf(gateways.keySet()).forEach(subtask -> send(subtask, event));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what cannot be sent fails the subtask
    private void send(int subtask, VersionEvent event) {
        SubtaskGateway gateway = gateways.get(subtask);
        if (gateway != null) { // else it is restarting, and asks again
            gateway.sendEvent(event);
        }
    }

    @Override
    public void executionAttemptReady(int subtask, int attempt, SubtaskGateway gateway) {
        gateways.put(subtask, gateway);
    }

    @Override
    public void executionAttemptFailed(int subtask, int attempt, Throwable reason) {
        forget(subtask);
    }

    @Override
    public void subtaskReset(int subtask, long checkpoint) {
        forget(subtask);
    }

    /** What was agreed on has to be agreed on anew: the subtask may have been reset before it. */
    private void forget(int subtask) {
        gateways.remove(subtask);
        ready.values().forEach(subtasks -> subtasks.remove(subtask));
        refused.clear();
    }

    @Override
    public void resetToCheckpoint(long checkpoint, byte[] data) {
        gateways.clear();
        ready.clear();
        refused.clear();
    }

    @Override
    public void checkpointCoordinator(long checkpoint, CompletableFuture<byte[]> result) {
        result.complete(new byte[0]);
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {}

    @Override
    public void start() {}

    @Override
    public void close() {}
}
