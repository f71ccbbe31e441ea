package io.headrace.inference.runner;

/**
 * Computes steps: the seam between scheduling in Java and the backends. One thread owns a runner
 * and closes it; a second close does nothing.
 */
public interface ModelRunner extends AutoCloseable {

    RunnerLimits limits();

    /**
     * Computes one step. Failures of the backend are results; exceptions mean a plan beyond the
     * limits.
     */
    StepResult execute(StepPlan plan);

    /** Frees what the runner holds. */
    @Override
    void close();
}
