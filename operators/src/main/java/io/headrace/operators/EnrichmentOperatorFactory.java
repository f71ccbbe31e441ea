package io.headrace.operators;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link StreamEnrichmentOperator}s. */
final class EnrichmentOperatorFactory<T> extends AbstractStreamOperatorFactory<Enriched<T>>
        implements OneInputStreamOperatorFactory<T, Enriched<T>> {

    private static final long serialVersionUID = 1L;

    private final EnrichmentOperator.Plan<T> plan;

    EnrichmentOperatorFactory(EnrichmentOperator.Plan<T> plan) {
        this.plan = plan;
        // Never behind a source in one chain; the operator's description says why.
        setChainingStrategy(ChainingStrategy.HEAD);
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Flink declares it
    public <O extends StreamOperator<Enriched<T>>> O createStreamOperator(
            StreamOperatorParameters<Enriched<T>> parameters) {
        return (O) new StreamEnrichmentOperator<>(parameters, plan);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return StreamEnrichmentOperator.class;
    }
}
