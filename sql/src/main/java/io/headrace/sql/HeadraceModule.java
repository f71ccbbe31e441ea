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
 * <p>They wait for each answer, unless asynchronous ones were asked for: Flink 2.3 loses NULLs
 * beside asynchronous scalar calls, loses rows of LEFT JOINs with asynchronous table functions, and
 * its batch planner has neither. So asynchronous ones are given in streaming sessions only, which
 * is looked up at each call's planning. See docs/decisions.
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
    private final boolean async;
    private final FunctionSettings settings;

    HeadraceModule(ReadableConfig session, boolean async, FunctionSettings settings) {
        this.session = session;
        this.async = async;
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
        if (SCALARS.containsKey(known)) {
            LlmRuntime runtime = new LlmRuntime(SCALARS.get(known), settings);
            return Optional.of(
                    waits() ? new BlockingLlmFunction(runtime) : new AsyncLlmFunction(runtime));
        }
        if (TABLES.containsKey(known)) {
            LlmRuntime runtime = new LlmRuntime(TABLES.get(known), settings);
            return Optional.of(
                    waits()
                            ? new BlockingLlmTableFunction(runtime)
                            : new AsyncLlmTableFunction(runtime));
        }
        return Optional.empty();
    }

    private boolean waits() {
        return !async || session.get(ExecutionOptions.RUNTIME_MODE) == RuntimeExecutionMode.BATCH;
    }
}
