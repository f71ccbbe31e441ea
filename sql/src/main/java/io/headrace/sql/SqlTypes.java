package io.headrace.sql;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;

/**
 * Maps extracted records between Avro and SQL. Every SQL type is nullable, since a row that could
 * not be answered has no values.
 */
final class SqlTypes {

    private static final int MILLIS_PRECISION = 3;
    private static final int MICROS_PRECISION = 6;

    private SqlTypes() {}

    /**
     * The SQL type of an Avro type.
     *
     * @throws ValidationException if there is none, as for unions of several types
     */
    static DataType toSql(Schema schema) {
        Schema type = withoutNull(schema);
        if (type.getLogicalType() != null) {
            DataType logical = logical(type);
            if (logical != null) {
                return logical;
            }
        }
        return switch (type.getType()) {
            case STRING, ENUM -> DataTypes.STRING();
            case INT -> DataTypes.INT();
            case LONG -> DataTypes.BIGINT();
            case FLOAT -> DataTypes.FLOAT();
            case DOUBLE -> DataTypes.DOUBLE();
            case BOOLEAN -> DataTypes.BOOLEAN();
            case ARRAY -> DataTypes.ARRAY(toSql(type.getElementType()));
            case RECORD -> row(type);
            case UNION, MAP, BYTES, FIXED, NULL ->
                    throw new ValidationException(
                            "the Avro type " + type + " has no SQL type here; use another");
        };
    }

    /** The SQL row of an Avro record. */
    static DataType row(Schema record) {
        return DataTypes.ROW(
                record.getFields().stream()
                        .map(field -> DataTypes.FIELD(field.name(), toSql(field.schema())))
                        .toArray(DataTypes.Field[]::new));
    }

    /** The branch of a nullable type; the type itself when it is no such union. */
    static Schema withoutNull(Schema schema) {
        if (!schema.isUnion()) {
            return schema;
        }
        List<Schema> branches =
                schema.getTypes().stream().filter(s -> s.getType() != Schema.Type.NULL).toList();
        return branches.size() == 1 ? branches.get(0) : schema;
    }

    private static DataType logical(Schema type) {
        return switch (type.getLogicalType().getName()) {
            case "date" -> DataTypes.DATE();
            case "time-millis", "time-micros" -> DataTypes.TIME(MILLIS_PRECISION);
            case "timestamp-millis" -> DataTypes.TIMESTAMP_LTZ(MILLIS_PRECISION);
            case "timestamp-micros" -> DataTypes.TIMESTAMP_LTZ(MICROS_PRECISION);
            case "decimal" -> {
                LogicalTypes.Decimal decimal = (LogicalTypes.Decimal) type.getLogicalType();
                yield DataTypes.DECIMAL(decimal.getPrecision(), decimal.getScale());
            }
            default -> null;
        };
    }

    /**
     * The Avro record of declared columns; their comments become what the model is told of them.
     *
     * @throws ValidationException if a column's type cannot be extracted
     */
    static Schema toAvro(String name, List<Column> columns) {
        List<Schema.Field> fields = new ArrayList<>();
        for (Column column : columns) {
            Schema type =
                    toAvro(
                            name + "_" + column.getName(),
                            column.getName(),
                            column.getDataType().getLogicalType());
            fields.add(field(column.getName(), type, column.getComment().orElse(null)));
        }
        return Schema.createRecord(name, null, "headrace.sql", false, fields);
    }

    /** The Avro record of a row type. */
    static Schema toAvro(String name, RowType row) {
        return toAvro(name, name, row);
    }

    private static Schema.Field field(String name, Schema type, String doc) {
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            throw new ValidationException(
                    "column '"
                            + name
                            + "' must begin with a letter and hold only letters, digits and"
                            + " underscores to be extracted");
        }
        return new Schema.Field(
                name, Schema.createUnion(Schema.create(Schema.Type.NULL), type), doc, null);
    }

    private static Schema toAvro(String recordName, String path, LogicalType type) {
        return switch (type.getTypeRoot()) {
            case VARCHAR -> {
                if (((VarCharType) type).getLength() != VarCharType.MAX_LENGTH) {
                    throw unsupported(path, type, "write STRING");
                }
                yield Schema.create(Schema.Type.STRING);
            }
            case BOOLEAN -> Schema.create(Schema.Type.BOOLEAN);
            case INTEGER -> Schema.create(Schema.Type.INT);
            case BIGINT -> Schema.create(Schema.Type.LONG);
            case FLOAT -> Schema.create(Schema.Type.FLOAT);
            case DOUBLE -> Schema.create(Schema.Type.DOUBLE);
            case DECIMAL -> {
                DecimalType decimal = (DecimalType) type;
                yield LogicalTypes.decimal(decimal.getPrecision(), decimal.getScale())
                        .addToSchema(Schema.create(Schema.Type.BYTES));
            }
            case DATE -> LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
            case TIME_WITHOUT_TIME_ZONE ->
                    LogicalTypes.timeMillis().addToSchema(Schema.create(Schema.Type.INT));
            case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE -> timestamp(type);
            case ARRAY ->
                    Schema.createArray(
                            toAvro(recordName, path + "[]", ((ArrayType) type).getElementType()));
            case ROW -> {
                List<Schema.Field> fields = new ArrayList<>();
                for (RowType.RowField part : ((RowType) type).getFields()) {
                    Schema inner =
                            toAvro(
                                    recordName + "_" + part.getName(),
                                    path + "." + part.getName(),
                                    part.getType());
                    fields.add(field(part.getName(), inner, part.getDescription().orElse(null)));
                }
                yield Schema.createRecord(recordName, null, "headrace.sql", false, fields);
            }
            case CHAR -> throw unsupported(path, type, "write STRING");
            case TINYINT, SMALLINT -> throw unsupported(path, type, "write INT");
            default ->
                    throw unsupported(
                            path,
                            type,
                            "write STRING, BOOLEAN, INT, BIGINT, FLOAT, DOUBLE, DECIMAL, DATE,"
                                    + " TIME, TIMESTAMP_LTZ, ARRAY or ROW");
        };
    }

    private static Schema timestamp(LogicalType type) {
        Schema carrier = Schema.create(Schema.Type.LONG);
        return LogicalTypeChecks.getPrecision(type) <= MILLIS_PRECISION
                ? LogicalTypes.timestampMillis().addToSchema(carrier)
                : LogicalTypes.timestampMicros().addToSchema(carrier);
    }

    private static ValidationException unsupported(String path, LogicalType type, String instead) {
        return new ValidationException(
                "column '" + path + "' of type " + type + " cannot be extracted; " + instead);
    }
}
