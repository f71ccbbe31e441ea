package io.headrace.sql;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.functions.FunctionDefinition;
import org.apache.flink.table.module.Module;

/**
 * The functions for ad-hoc use.
 *
 * <p>In a streaming session they are asynchronous. Flink 2.3's batch planner has no asynchronous
 * functions but Python's, so in a batch session the same names are blocking functions; which it is,
 * is looked up in the session at each call's planning.
 */
final class HeadraceModule implements Module {

    private static final Map<String, LlmCall> SCALARS =
            Map.of(
                    "llm_classify", new ClassifyCall(),
                    "llm_extract", new ExtractCall(),
                    "llm_summarize", new SummarizeCall());
    private static final Map<String, LlmCall> TABLES =
            Map.of(
                    "llm_classify_table",
                    new ClassifyCall(),
                    "llm_extract_table",
                    new ExtractCall());

    private final ReadableConfig session;
    private final FunctionSettings settings;

    HeadraceModule(ReadableConfig session, FunctionSettings settings) {
        this.session = session;
        this.settings = settings;
    }

    @Override
    public Set<String> listFunctions() {
        return Set.of(
                "llm_classify",
                "llm_extract",
                "llm_summarize",
                "llm_classify_table",
                "llm_extract_table");
    }

    @Override
    public Optional<FunctionDefinition> getFunctionDefinition(String name) {
        String known = name.toLowerCase(Locale.ROOT);
        boolean batch = session.get(ExecutionOptions.RUNTIME_MODE) == RuntimeExecutionMode.BATCH;
        if (SCALARS.containsKey(known)) {
            LlmRuntime runtime = new LlmRuntime(SCALARS.get(known), settings);
            return Optional.of(
                    batch ? new BlockingLlmFunction(runtime) : new AsyncLlmFunction(runtime));
        }
        if (TABLES.containsKey(known)) {
            LlmRuntime runtime = new LlmRuntime(TABLES.get(known), settings);
            return Optional.of(
                    batch
                            ? new BlockingLlmTableFunction(runtime)
                            : new AsyncLlmTableFunction(runtime));
        }
        return Optional.empty();
    }
}
