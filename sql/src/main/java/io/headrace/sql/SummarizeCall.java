package io.headrace.sql;

import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.InputTypeStrategies;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;
import org.apache.flink.table.types.utils.DataTypeUtils;

/** {@code LLM_SUMMARIZE(text[, tokens])}. */
final class SummarizeCall implements LlmCall {

    private static final long serialVersionUID = 1L;

    @Override
    public TypeInference typeInference() {
        DataType text = DataTypeUtils.toInternalDataType(DataTypes.STRING());
        return TypeInference.newBuilder()
                .inputTypeStrategy(
                        InputTypeStrategies.or(
                                InputTypeStrategies.explicitSequence(text),
                                InputTypeStrategies.explicitSequence(text, DataTypes.INT())))
                .outputTypeStrategy(TypeStrategies.explicit(text))
                .build();
    }

    @Override
    public Task task(Object[] arguments) {
        int tokens =
                arguments.length > 1 ? (Integer) arguments[1] : ModelTask.DEFAULT_SUMMARY_TOKENS;
        return new Summarize("summary", tokens);
    }

    @Override
    public Object value(Outcome.Answered answer) {
        return StringData.fromString(((TaskResult.Summarized) answer.result()).text());
    }
}
