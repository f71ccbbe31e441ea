package io.headrace.sql;

import java.util.concurrent.CompletableFuture;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.AsyncScalarFunction;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.types.inference.TypeInference;

/** A scalar function whose rows wait for the model together. */
public final class AsyncLlmFunction extends AsyncScalarFunction {

    private static final long serialVersionUID = 1L;

    private final LlmRuntime runtime;

    AsyncLlmFunction(LlmRuntime runtime) {
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
    public void eval(CompletableFuture<Object> result, Object... arguments) {
        runtime.ask(arguments)
                .whenComplete(
                        (value, failure) -> {
                            if (failure == null) {
                                result.complete(value);
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
