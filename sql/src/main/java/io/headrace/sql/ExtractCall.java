package io.headrace.sql;

import io.headrace.operators.task.Extract;
import io.headrace.operators.task.Task;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.InputTypeStrategies;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.utils.LogicalTypeParser;
import org.apache.flink.table.types.utils.DataTypeUtils;

/**
 * {@code LLM_EXTRACT(text, 'schema')}: one row with a column for each field. The schema is a
 * literal, either columns as in {@code CREATE TABLE}, {@code 'people INT, arrival DATE'}, or an
 * Avro record as JSON text.
 */
final class ExtractCall implements LlmCall {

    private static final long serialVersionUID = 1L;
    private static final String NAME = "fields";

    @Override
    public TypeInference typeInference() {
        DataType text = DataTypeUtils.toInternalDataType(DataTypes.STRING());
        return TypeInference.newBuilder()
                .inputTypeStrategy(InputTypeStrategies.explicitSequence(text, text))
                .outputTypeStrategy(ExtractCall::resultType)
                .build();
    }

    private static Optional<DataType> resultType(CallContext call) {
        String schema =
                call.getArgumentValue(1, String.class)
                        .orElseThrow(
                                () ->
                                        new ValidationException(
                                                "LLM_EXTRACT needs its schema as a literal; write"
                                                        + " LLM_EXTRACT(text, 'people INT, arrival"
                                                        + " DATE')"));
        return Optional.of(DataTypeUtils.toInternalDataType(SqlTypes.row(schema(schema))));
    }

    private static Schema schema(String text) {
        return text.stripLeading().startsWith("{") ? ModelTask.parse(text) : columns(text);
    }

    private static Schema columns(String text) {
        try {
            LogicalType row =
                    LogicalTypeParser.parse(
                            "ROW<" + text + ">", ExtractCall.class.getClassLoader());
            return SqlTypes.toAvro(NAME, (RowType) row);
        } catch (ValidationException e) {
            throw new ValidationException(
                    "'"
                            + text
                            + "' is no schema: "
                            + e.getMessage()
                            + ". Please write columns, as in 'people INT, `day` DATE', with"
                            + " backticks around keywords, or an Avro record as JSON",
                    e);
        }
    }

    @Override
    public Task task(Object[] arguments) {
        return new Extract(
                NAME, schema(arguments[1].toString()), false, Extract.DEFAULT_MAX_TOKENS);
    }

    @Override
    public Object value(Outcome.Answered answer) {
        return AvroValues.row((GenericRecord) answer.datum());
    }
}
