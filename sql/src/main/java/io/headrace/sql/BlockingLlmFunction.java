package io.headrace.sql;

import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;
import org.apache.flink.table.types.inference.TypeInference;

/** A scalar function that waits for each answer; rows of other subtasks fill the batch. */
public final class BlockingLlmFunction extends ScalarFunction {

    private static final long serialVersionUID = 1L;

    private final LlmRuntime runtime;

    BlockingLlmFunction(LlmRuntime runtime) {
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
    public Object eval(Object... arguments) throws Exception {
        return runtime.answer(arguments);
    }

    @Override
    public void close() throws Exception {
        runtime.close();
        super.close();
    }
}
