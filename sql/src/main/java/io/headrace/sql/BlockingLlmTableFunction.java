package io.headrace.sql;

import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.TableFunction;
import org.apache.flink.table.types.inference.TypeInference;

/** A table function that waits for each answer; one row for each answer. */
public final class BlockingLlmTableFunction extends TableFunction<Object> {

    private static final long serialVersionUID = 1L;

    private final LlmRuntime runtime;

    BlockingLlmTableFunction(LlmRuntime runtime) {
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
    public void eval(Object... arguments) throws Exception {
        Object row = runtime.answer(arguments);
        if (row != null) {
            collect(row);
        }
    }

    @Override
    public void close() throws Exception {
        runtime.close();
        super.close();
    }
}
