package io.headrace.jobs;

import io.headrace.connectors.KafkaRecord;
import io.headrace.operators.Failure;
import io.headrace.operators.FailureAction;
import io.headrace.operators.Unenriched;
import io.headrace.operators.state.WrapperTypeInformation;
import java.io.Serializable;
import java.util.Map;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.OutputTag;

/**
 * Where a function of the job puts the records that it can do nothing with.
 *
 * @param action what becomes of such a record
 * @param byErrorClass exceptions from that, by error class
 */
record FailureOutput(FailureAction action, Map<String, FailureAction> byErrorClass)
        implements Serializable {

    /** The side output with these records. */
    static final OutputTag<Unenriched<KafkaRecord>> TAG =
            new OutputTag<>(
                    "failures", WrapperTypeInformation.unenriched(KafkaRecord.typeInformation()));

    void put(ProcessFunction<?, ?>.Context context, KafkaRecord record, Failure failure) {
        if (byErrorClass.getOrDefault(failure.errorClass(), action) == FailureAction.FAIL_JOB) {
            throw new FailedRecordException(record, failure);
        }
        context.output(TAG, new Unenriched<>(record, failure));
    }
}
