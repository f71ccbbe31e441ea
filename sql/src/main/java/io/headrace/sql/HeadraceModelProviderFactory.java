package io.headrace.sql;

import io.headrace.operators.LocalEngineProvider;
import io.headrace.operators.task.Task;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.config.ExecutionConfigOptions;
import org.apache.flink.table.catalog.ResolvedCatalogModel;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.factories.ModelProviderFactory;
import org.apache.flink.table.ml.ModelProvider;

/**
 * Creates the provider of models with {@code 'provider' = 'headrace'}.
 *
 * <p>Options are checked here by hand and not by Flink's helper, since which ones are allowed
 * depends on the task, and since each refusal says what to write instead.
 */
public final class HeadraceModelProviderFactory implements ModelProviderFactory {

    /** The name of the provider and of the module. */
    public static final String IDENTIFIER = "headrace";

    @Override
    public String factoryIdentifier() {
        return IDENTIFIER;
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(ModelOptions.PATH, ModelOptions.TASK);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of();
    }

    @Override
    public ModelProvider createModelProvider(Context context) {
        ResolvedCatalogModel model = context.getCatalogModel();
        Map<String, String> given = model.getOptions();
        TaskKind kind = TaskKind.of(Configuration.fromMap(given));
        Configuration options =
                OptionCheck.read(
                        given,
                        kind.allOptions(),
                        kind.prefixes(),
                        "'task' = '" + kind.optionValue() + "'");
        ResolvedSchema output = model.getResolvedOutputSchema();
        Task task =
                new ModelTask(
                                taskName(context.getObjectIdentifier().getObjectName()),
                                options,
                                given,
                                OutputRow.answers(output))
                        .of(kind);
        OutputRow row = OutputRow.of(task, output);
        CallLimits limits = ModelOptions.limits(options);
        LocalEngineProvider engines = ModelOptions.engines(options);
        SessionDefaults.ML_PREDICT.raise(context.getConfiguration(), engines.options(), limits);
        return new HeadraceModelProvider(
                new PredictPlan(
                        engines,
                        limits.within(flinkTimeout(context.getConfiguration())),
                        InputText.of(model.getResolvedInputSchema()),
                        task,
                        row,
                        policy(options, row)));
    }

    private static Duration flinkTimeout(ReadableConfig session) {
        return session.get(ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_TIMEOUT);
    }

    /** Who declares a column for the reason wants to see it there, and nobody else loses a row. */
    private static ErrorPolicy policy(ReadableConfig options, OutputRow row) {
        return ModelOptions.errorPolicy(options)
                .orElse(row.hasReason() ? ErrorPolicy.NULL : ErrorPolicy.FAIL);
    }

    /** The model's name, which the prompt shows, as a name that tasks can have. */
    private static String taskName(String model) {
        String name = model.replaceAll("[^A-Za-z0-9_]", "_");
        if (name.isEmpty()) {
            throw new ValidationException("the model has no name");
        }
        return Character.isDigit(name.charAt(0)) ? "_" + name : name;
    }
}
