package io.headrace.operators;

import io.headrace.inference.InferenceRequest;
import io.headrace.operators.state.TaskOutcome;
import io.headrace.operators.state.UnfinishedRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * A record between its arrival and its emission. Owned by the task's thread.
 *
 * <p>It is <em>settled</em> once it has the outcomes of all tasks or a failure; from then on it
 * only waits for its turn to leave.
 */
final class InFlight<T> {

    private final StreamRecord<T> record;
    private final Object lane;
    private final TaskOutcome[] outcomes;
    private final InferenceRequest[] requests;
    private final int[] attempts;

    private long sequenceNumber;
    private String cacheKey = "";
    private boolean cacheHit;
    private List<InFlight<T>> followers = List.of();
    private Failure failure;
    private long tokens;

    /**
     * Creates the entry.
     *
     * @param lane entries of equal lanes leave in the order they came; null leaves when settled
     */
    InFlight(StreamRecord<T> record, Object lane, int tasks) {
        this.record = record;
        this.lane = lane;
        this.outcomes = new TaskOutcome[tasks];
        this.requests = new InferenceRequest[tasks];
        this.attempts = new int[tasks];
    }

    StreamRecord<T> record() {
        return record;
    }

    T value() {
        return record.getValue();
    }

    Object lane() {
        return lane;
    }

    long sequenceNumber() {
        return sequenceNumber;
    }

    void setSequenceNumber(long number) {
        sequenceNumber = number;
    }

    String cacheKey() {
        return cacheKey;
    }

    void setCacheKey(String key) {
        cacheKey = key;
    }

    /** Prompt tokens of the record while the engine is at it; 0 when it is not asked. */
    long tokens() {
        return tokens;
    }

    void setTokens(long promptTokens) {
        tokens = promptTokens;
    }

    boolean cacheHit() {
        return cacheHit;
    }

    /** Adds an entry with the same cache key that waits for this one's outcomes. */
    void addFollower(InFlight<T> entry) {
        if (followers.isEmpty()) {
            followers = new ArrayList<>();
        }
        followers.add(entry);
    }

    /** The entries that waited; from then on there are none. */
    List<InFlight<T>> takeFollowers() {
        List<InFlight<T>> taken = followers;
        followers = List.of();
        return taken;
    }

    boolean settled() {
        return failure != null || done();
    }

    boolean done() {
        for (TaskOutcome outcome : outcomes) {
            if (outcome == null) {
                return false;
            }
        }
        return true;
    }

    boolean hasOutcome(int task) {
        return outcomes[task] != null;
    }

    List<TaskOutcome> outcomes() {
        return List.of(outcomes);
    }

    Optional<Failure> failure() {
        return Optional.ofNullable(failure);
    }

    List<InferenceRequest> requestsUnderWay() {
        return Arrays.stream(requests).filter(request -> request != null).toList();
    }

    void started(int task, InferenceRequest request) {
        requests[task] = request;
        attempts[task]++;
    }

    void ended(int task) {
        requests[task] = null;
    }

    int attempts(int task) {
        return attempts[task];
    }

    int mostAttempts() {
        return Math.max(1, Arrays.stream(attempts).max().orElse(1));
    }

    void complete(int task, TaskOutcome outcome) {
        outcomes[task] = outcome;
        requests[task] = null;
    }

    void completeFromCache(List<TaskOutcome> cached) {
        cacheHit = true;
        for (int i = 0; i < outcomes.length; i++) {
            outcomes[i] = cached.get(i);
        }
    }

    void fail(Failure why) {
        failure = why;
    }

    UnfinishedRecord<T> toState(String fingerprint) {
        List<Optional<TaskOutcome>> known = new ArrayList<>(outcomes.length);
        for (TaskOutcome outcome : outcomes) {
            known.add(Optional.ofNullable(outcome));
        }
        return new UnfinishedRecord<>(
                record.getValue(),
                record.hasTimestamp() ? Optional.of(record.getTimestamp()) : Optional.empty(),
                fingerprint,
                known,
                failure());
    }

    /** Takes over what an entry restored from a checkpoint already knew. */
    void restore(UnfinishedRecord<T> state) {
        for (int i = 0; i < outcomes.length && i < state.outcomes().size(); i++) {
            outcomes[i] = state.outcomes().get(i).orElse(null);
        }
        failure = state.failure().orElse(null);
    }
}
