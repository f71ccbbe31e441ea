package io.headrace.operators;

import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** The operator of a stream whose records one version answers. */
final class StreamEnrichmentOperator<T> extends EnrichmentOperator<T>
        implements OneInputStreamOperator<T, Enriched<T>>, BoundedOneInput {

    private static final long serialVersionUID = 1L;

    StreamEnrichmentOperator(StreamOperatorParameters<Enriched<T>> parameters, Plan<T> plan) {
        super(parameters, plan);
    }

    @Override
    public void processElement(StreamRecord<T> record) throws Exception {
        take(record);
    }

    @Override
    public void endInput() throws Exception {
        drain();
    }
}
