package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import java.io.Serializable;

/** Opens the engine of a subtask. Travels with the job graph. */
@FunctionalInterface
public interface EngineProvider extends Serializable {

    /** Opens an engine, or a further handle of a shared one; the operator closes it. */
    InferenceEngine open();
}
