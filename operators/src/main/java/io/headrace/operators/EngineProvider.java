package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.Spending;
import java.io.Serializable;

/** Opens the engine of a subtask. Travels with the job graph. */
@FunctionalInterface
public interface EngineProvider extends Serializable {

    /**
     * Who opens an engine.
     *
     * @param operators how many operators of the job open it; they share out rates and budgets
     * @param subtasks how many subtasks the operator has; they share out what it has
     * @param before what all of them had spent when the checkpoint was taken that this one starts
     *     from
     * @param gpus those that Flink gives the subtask's TaskManager
     */
    record Opening(int operators, int subtasks, Spending before, SlotGpus gpus) {

        /** One subtask that has spent nothing. */
        public static final Opening ALONE = new Opening(1, 1, Spending.NONE, SlotGpus.NONE);

        /** The same of an engine that no other operator of the job opens. */
        Opening byOneOperator() {
            return new Opening(1, subtasks, before, gpus);
        }
    }

    /** Opens an engine, or a further handle of a shared one; the operator closes it. */
    InferenceEngine open();

    /** Opens the engine of one subtask of several. */
    default InferenceEngine open(Opening opening) {
        return open();
    }

    /** Name of the account whose spending outlives a restart; empty where nothing is spent. */
    default String account() {
        return "";
    }

    /** The same, without what the job does with it: equal where the engine is. */
    default EngineProvider alone() {
        return this;
    }

    /** What the job does with this engine and others. */
    default EngineUse use() {
        return EngineUse.PLAIN;
    }
}
