package io.headrace.sql;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.config.MLPredictRuntimeConfigOptions;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.ml.AsyncPredictRuntimeProvider;
import org.apache.flink.table.ml.ModelProvider;

/** Provides the function that {@code ML_PREDICT} calls for a model. */
final class HeadraceModelProvider implements AsyncPredictRuntimeProvider {

    private final PredictPlan plan;

    HeadraceModelProvider(PredictPlan plan) {
        this.plan = plan;
    }

    @Override
    public AsyncPredictFunction createAsyncPredictFunction(Context context) {
        ReadableConfig call =
                context.runtimeConfig() == null ? new Configuration() : context.runtimeConfig();
        return new HeadracePredictFunction(
                call.getOptional(MLPredictRuntimeConfigOptions.ASYNC_TIMEOUT)
                        .map(timeout -> plan.withLimits(plan.limits().within(timeout)))
                        .orElse(plan));
    }

    @Override
    public ModelProvider copy() {
        return new HeadraceModelProvider(plan);
    }
}
