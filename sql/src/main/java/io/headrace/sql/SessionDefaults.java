package io.headrace.sql;

import io.headrace.inference.EngineOptions;
import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.WritableConfig;
import org.apache.flink.table.api.config.ExecutionConfigOptions;

/**
 * Defaults of the session that suit an engine with batches, put where the user said nothing.
 *
 * <p>Flink lets ten rows of a subtask wait for answers at a time, fit for remote calls. An engine
 * with {@code max-sequences} rows in a step needs more, or its batches stay small. Only the planner
 * reads this number, and a provider can change it nowhere but in the session's configuration. What
 * the session, Flink's configuration or the call says always wins. See docs/decisions.
 *
 * @param concurrency how many rows of a subtask wait for answers at a time
 * @param timeout after which Flink fails the job for a row
 */
record SessionDefaults(ConfigOption<Integer> concurrency, ConfigOption<Duration> timeout) {

    static final SessionDefaults ML_PREDICT =
            new SessionDefaults(
                    ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_MAX_CONCURRENT_OPERATIONS,
                    ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_TIMEOUT);
    static final SessionDefaults SCALAR_FUNCTIONS =
            new SessionDefaults(
                    ExecutionConfigOptions.TABLE_EXEC_ASYNC_SCALAR_MAX_CONCURRENT_OPERATIONS,
                    ExecutionConfigOptions.TABLE_EXEC_ASYNC_SCALAR_TIMEOUT);
    static final SessionDefaults TABLE_FUNCTIONS =
            new SessionDefaults(
                    ExecutionConfigOptions.TABLE_EXEC_ASYNC_TABLE_MAX_CONCURRENT_OPERATIONS,
                    ExecutionConfigOptions.TABLE_EXEC_ASYNC_TABLE_TIMEOUT);

    /** Rows that wait in order behind a slow one leave room for a full batch beside them. */
    private static final int ROWS_PER_SEQUENCE = 4;

    private static final Duration GRACE = Duration.ofMinutes(1);

    /** Puts the defaults for an engine; what is set already stays. */
    void raise(ReadableConfig session, EngineOptions engine, CallLimits limits) {
        if (session instanceof WritableConfig writable) {
            if (session.getOptional(concurrency).isEmpty()) {
                writable.set(concurrency, ROWS_PER_SEQUENCE * engine.sized().maxSequences());
            }
            if (session.getOptional(timeout).isEmpty()) {
                writable.set(timeout, limits.timeout().plus(GRACE));
            }
        }
    }
}
