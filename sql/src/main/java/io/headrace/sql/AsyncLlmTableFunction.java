package io.headrace.sql;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.AsyncTableFunction;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.types.inference.TypeInference;

/** A table function whose rows wait for the model together; one row for each answer. */
public final class AsyncLlmTableFunction extends AsyncTableFunction<Object> {

    private static final long serialVersionUID = 1L;

    private final LlmRuntime runtime;

    AsyncLlmTableFunction(LlmRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public TypeInference getTypeInference(DataTypeFactory types) {
        return runtime.call().typeInference();
    }

    /** The model is on the TaskManagers, not where statements are planned. */
    @Override
    public boolean supportsConstantFolding() {
        return false;
    }

    @Override
    public void open(FunctionContext context) throws Exception {
        super.open(context);
        runtime.open(context);
    }

    /** Called by generated code. */
    public void eval(CompletableFuture<Collection<Object>> result, Object... arguments) {
        runtime.ask(arguments)
                .whenComplete(
                        (value, failure) -> {
                            if (failure == null) {
                                result.complete(value == null ? List.of() : List.of(value));
                            } else {
                                result.completeExceptionally(failure);
                            }
                        });
    }

    @Override
    public void close() throws Exception {
        runtime.close();
        super.close();
    }
}
