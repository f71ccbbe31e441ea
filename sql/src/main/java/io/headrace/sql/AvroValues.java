package io.headrace.sql;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

/** Converts Avro data to Flink's internal data, as {@link SqlTypes} maps their types. */
final class AvroValues {

    private static final int MICROS_PER_MILLI = 1_000;
    private static final int NANOS_PER_MICRO = 1_000;

    private AvroValues() {}

    /** Converts a datum of that schema; null stays null. */
    static Object toInternal(Object datum, Schema schema) {
        if (datum == null) {
            return null;
        }
        Schema type = SqlTypes.withoutNull(schema);
        if (type.getLogicalType() != null) {
            Object logical = logical(datum, type);
            if (logical != null) {
                return logical;
            }
        }
        return switch (type.getType()) {
            case STRING, ENUM -> StringData.fromString(datum.toString());
            case ARRAY -> array((List<?>) datum, type.getElementType());
            case RECORD -> row((GenericRecord) datum);
            default -> datum;
        };
    }

    /** Converts a record with all its fields. */
    static GenericRowData row(GenericRecord record) {
        List<Schema.Field> fields = record.getSchema().getFields();
        GenericRowData row = new GenericRowData(fields.size());
        for (Schema.Field field : fields) {
            row.setField(field.pos(), toInternal(record.get(field.pos()), field.schema()));
        }
        return row;
    }

    private static GenericArrayData array(List<?> items, Schema element) {
        return new GenericArrayData(
                items.stream().map(item -> toInternal(item, element)).toArray());
    }

    private static Object logical(Object datum, Schema type) {
        return switch (type.getLogicalType().getName()) {
            case "date", "time-millis" -> datum;
            case "time-micros" -> Math.toIntExact((Long) datum / MICROS_PER_MILLI);
            case "timestamp-millis" -> TimestampData.fromEpochMillis((Long) datum);
            case "timestamp-micros" -> micros((Long) datum);
            case "decimal" -> decimal(datum, type);
            default -> null;
        };
    }

    private static TimestampData micros(long micros) {
        return TimestampData.fromEpochMillis(
                Math.floorDiv(micros, (long) MICROS_PER_MILLI),
                (int) Math.floorMod(micros, (long) MICROS_PER_MILLI) * NANOS_PER_MICRO);
    }

    private static DecimalData decimal(Object datum, Schema type) {
        LogicalTypes.Decimal decimal = (LogicalTypes.Decimal) type.getLogicalType();
        Conversions.DecimalConversion conversion = new Conversions.DecimalConversion();
        return DecimalData.fromBigDecimal(
                datum instanceof GenericFixed fixed
                        ? conversion.fromFixed(fixed, type, decimal)
                        : conversion.fromBytes((ByteBuffer) datum, type, decimal),
                decimal.getPrecision(),
                decimal.getScale());
    }
}
