package io.headrace.operators;

import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEventDispatcher;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.CoordinatedOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperatorFactory;

/** Makes {@link SwitchingEnrichmentOperator}s and their coordinator. */
final class SwitchingEnrichmentOperatorFactory<T> extends AbstractStreamOperatorFactory<Enriched<T>>
        implements TwoInputStreamOperatorFactory<T, Tuple2<Long, String>, Enriched<T>>,
                CoordinatedOperatorFactory<Enriched<T>> {

    private static final long serialVersionUID = 1L;

    private final EnrichmentOperator.Plan<T> plan;
    private final VersionReader reader;

    SwitchingEnrichmentOperatorFactory(EnrichmentOperator.Plan<T> plan, VersionReader reader) {
        this.plan = plan;
        this.reader = reader;
        setChainingStrategy(ChainingStrategy.HEAD);
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Flink declares it
    public <O extends StreamOperator<Enriched<T>>> O createStreamOperator(
            StreamOperatorParameters<Enriched<T>> parameters) {
        OperatorID id = parameters.getStreamConfig().getOperatorID();
        OperatorEventDispatcher events = parameters.getOperatorEventDispatcher();
        SwitchingEnrichmentOperator<T> operator =
                new SwitchingEnrichmentOperator<>(
                        parameters, plan, reader, events.getOperatorEventGateway(id));
        events.registerEventHandler(id, operator);
        return (O) operator;
    }

    @Override
    public OperatorCoordinator.Provider getCoordinatorProvider(String name, OperatorID id) {
        return new VersionCoordinator.Provider(id);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return SwitchingEnrichmentOperator.class;
    }
}
