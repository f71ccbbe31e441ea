package io.headrace.sql;

import io.headrace.operators.EngineProvider;
import java.io.Serializable;

/**
 * What all functions of a module have in common.
 *
 * @param engines opens the engine
 * @param limits how long and how often a row is tried
 * @param policy what becomes of a row that failed
 */
record FunctionSettings(EngineProvider engines, CallLimits limits, ErrorPolicy policy)
        implements Serializable {}
