package io.headrace.operators;

import io.headrace.operators.state.TaskOutcome;
import io.headrace.operators.state.UnfinishedRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * A record between its arrival and its emission. Owned by the task's thread.
 *
 * <p>It is <em>settled</em> once it has the outcomes of all tasks or a failure, or nothing is asked
 * of it; from then on it only waits for its turn to leave.
 */
final class InFlight<T> {

    private final StreamRecord<T> record;
    private final Object lane;
    private final List<TaskRun> tasks;
    private final long arrivedNanos = System.nanoTime();
    private final List<Attempt<T>> underWay = new ArrayList<>(2);

    private long sequenceNumber;
    private String text = "";
    private String cacheKey = "";
    private int mostAttempts = 1;
    private boolean cacheHit;
    private boolean unasked;
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
        this.tasks = new ArrayList<>(tasks);
        for (int i = 0; i < tasks; i++) {
            this.tasks.add(new TaskRun());
        }
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

    /** How long ago it came, or was restored. */
    long ageNanos() {
        return System.nanoTime() - arrivedNanos;
    }

    /** What the model sees of the record. */
    String text() {
        return text;
    }

    void setText(String rendered) {
        text = rendered;
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

    /** Whether nothing is asked of the record, so that it has neither outcomes nor a failure. */
    boolean unasked() {
        return unasked;
    }

    void letPass() {
        unasked = true;
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
        return failure != null || unasked || done();
    }

    boolean done() {
        for (TaskRun task : tasks) {
            if (!task.done()) {
                return false;
            }
        }
        return true;
    }

    TaskRun task(int index) {
        return tasks.get(index);
    }

    List<TaskOutcome> outcomes() {
        List<TaskOutcome> outcomes = new ArrayList<>(tasks.size());
        for (TaskRun task : tasks) {
            outcomes.add(task.outcome());
        }
        return outcomes;
    }

    Optional<Failure> failure() {
        return Optional.ofNullable(failure);
    }

    /** The attempts that the engines have not answered; a few. */
    List<Attempt<T>> underWay() {
        return underWay;
    }

    void started(Attempt<T> attempt) {
        underWay.add(attempt);
        mostAttempts = Math.max(mostAttempts, attempt.number());
    }

    void ended(Attempt<T> attempt) {
        underWay.remove(attempt);
    }

    int mostAttempts() {
        return mostAttempts;
    }

    void completeFromCache(List<TaskOutcome> cached) {
        cacheHit = true;
        for (int i = 0; i < tasks.size(); i++) {
            tasks.get(i).complete(cached.get(i));
        }
    }

    void fail(Failure why) {
        failure = why;
    }

    /** A value that leaves in place of the record, at its time. */
    <X> StreamRecord<X> atItsTime(X value) {
        return record.hasTimestamp()
                ? new StreamRecord<>(value, record.getTimestamp())
                : new StreamRecord<>(value);
    }

    UnfinishedRecord<T> toState(String fingerprint) {
        return new UnfinishedRecord<>(
                record.getValue(),
                record.hasTimestamp() ? Optional.of(record.getTimestamp()) : Optional.empty(),
                fingerprint,
                tasks.stream().map(TaskRun::toState).toList(),
                failure(),
                cacheHit);
    }

    /** Takes over what an entry restored from a checkpoint already knew. */
    void restore(UnfinishedRecord<T> state) {
        for (int i = 0; i < tasks.size() && i < state.tasks().size(); i++) {
            tasks.get(i).restore(state.tasks().get(i));
        }
        failure = state.failure().orElse(null);
        cacheHit = state.cacheHit();
    }
}
