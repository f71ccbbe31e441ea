package io.headrace.sql;

import io.headrace.operators.EngineProvider;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.factories.ModuleFactory;
import org.apache.flink.table.module.Module;

/** Creates the module of {@code LOAD MODULE headrace WITH ('path' = …)}. */
public final class HeadraceModuleFactory implements ModuleFactory {

    @Override
    public String factoryIdentifier() {
        return HeadraceModelProviderFactory.IDENTIFIER;
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
    public Module createModule(Context context) {
        Configuration options =
                OptionCheck.read(
                        context.getOptions(), ModelOptions.MODULE_OPTIONS, List.of(), "the module");
        CallLimits limits = ModelOptions.limits(options);
        EngineProvider engines = ModelOptions.engines(options);
        boolean async = options.get(ModelOptions.ASYNC);
        if (async) {
            int sequences = ModelOptions.rowsAtATime(options);
            SessionDefaults.SCALAR_FUNCTIONS.raise(context.getConfiguration(), sequences, limits);
            SessionDefaults.TABLE_FUNCTIONS.raise(context.getConfiguration(), sequences, limits);
        }
        return new HeadraceModule(
                context.getConfiguration(),
                async,
                new FunctionSettings(
                        engines,
                        limits,
                        ModelOptions.errorPolicy(options).orElse(ErrorPolicy.FAIL)));
    }
}
