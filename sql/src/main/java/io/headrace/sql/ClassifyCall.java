package io.headrace.sql;

import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.InputTypeStrategies;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;
import org.apache.flink.table.types.utils.DataTypeUtils;

/** {@code LLM_CLASSIFY(text, ARRAY['label', …])}: the columns of a classification as one row. */
final class ClassifyCall implements LlmCall {

    private static final long serialVersionUID = 1L;

    @Override
    public TypeInference typeInference() {
        DataType text = DataTypeUtils.toInternalDataType(DataTypes.STRING());
        DataType labels = DataTypeUtils.toInternalDataType(DataTypes.ARRAY(DataTypes.STRING()));
        DataType row =
                DataTypes.ROW(
                        Arrays.stream(ClassColumn.values())
                                .map(each -> DataTypes.FIELD(each.columnName(), each.type()))
                                .toArray(DataTypes.Field[]::new));
        return TypeInference.newBuilder()
                .inputTypeStrategy(InputTypeStrategies.explicitSequence(text, labels))
                .outputTypeStrategy(TypeStrategies.explicit(DataTypeUtils.toInternalDataType(row)))
                .build();
    }

    @Override
    public Task task(Object[] arguments) {
        ArrayData names = (ArrayData) arguments[1];
        List<Label> labels = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (names.isNullAt(i)) {
                throw new IllegalArgumentException("LLM_CLASSIFY: a label is NULL");
            }
            labels.add(Label.of(names.getString(i).toString()));
        }
        return new Classify("label", labels, 0);
    }

    @Override
    public Object value(Outcome.Answered answer) {
        return GenericRowData.of(
                Arrays.stream(ClassColumn.values())
                        .map(each -> each.of((TaskResult.Classified) answer.result()))
                        .toArray());
    }
}
