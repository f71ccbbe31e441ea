package io.headrace.benchmarks.sql;

import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.table.factories.ModelProviderFactory;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.ml.AsyncPredictRuntimeProvider;
import org.apache.flink.table.ml.ModelProvider;

/** The provider to compare with: one HTTP request a row, as Flink's own make. */
public final class ChatProviderFactory implements ModelProviderFactory {

    @Override
    public String factoryIdentifier() {
        return "http-chat";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of();
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of();
    }

    @Override
    public ModelProvider createModelProvider(ModelProviderFactory.Context context) {
        Map<String, String> options = context.getCatalogModel().getOptions();
        return new Provider(
                new ChatPredictFunction(
                        options.get("endpoint"), SqlTask.valueOf(options.get("benchmark-task"))));
    }

    private record Provider(ChatPredictFunction function) implements AsyncPredictRuntimeProvider {
        @Override
        public AsyncPredictFunction createAsyncPredictFunction(ModelProvider.Context context) {
            return function;
        }

        @Override
        public ModelProvider copy() {
            return this;
        }
    }
}
