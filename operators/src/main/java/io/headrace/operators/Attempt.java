package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;

/**
 * One try to have a question of a task answered for a record. Compared by identity. Owned by the
 * task's thread.
 */
final class Attempt<T> {

    private final InFlight<T> entry;
    private final int task;
    private final int question;
    private final int number;
    private final InferenceEngine engine;
    private final InferenceRequest request;
    private long dueMillis;

    /**
     * Creates the attempt.
     *
     * @param number how many there were for the question with this one
     */
    Attempt(
            InFlight<T> entry,
            int task,
            int question,
            int number,
            InferenceEngine engine,
            InferenceRequest request) {
        this.entry = entry;
        this.task = task;
        this.question = question;
        this.number = number;
        this.engine = engine;
        this.request = request;
    }

    InFlight<T> entry() {
        return entry;
    }

    int task() {
        return task;
    }

    int question() {
        return question;
    }

    int number() {
        return number;
    }

    InferenceEngine engine() {
        return engine;
    }

    /** When it has taken too long, in processing time. */
    long dueMillis() {
        return dueMillis;
    }

    void dueAt(long millis) {
        dueMillis = millis;
    }

    /** Tells the engine that nobody waits for the answer. */
    void cancel() {
        engine.cancel(request);
    }
}
