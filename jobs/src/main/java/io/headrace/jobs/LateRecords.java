package io.headrace.jobs;

import io.headrace.connectors.TextRecord;
import io.headrace.operators.Failure;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/** Gives records that came when their window had ended to the {@link FailureOutput}. */
final class LateRecords extends ProcessFunction<TextRecord, Void> {

    private static final long serialVersionUID = 1L;

    private final FailureOutput failures;

    LateRecords(FailureOutput failures) {
        this.failures = failures;
    }

    @Override
    public void processElement(TextRecord record, Context context, Collector<Void> out) {
        failures.put(
                context,
                record.source(),
                new Failure(
                        Failure.Stage.RENDER,
                        "Late",
                        "the record came when its window had ended; raise source.maxOutOfOrder",
                        1));
    }
}
