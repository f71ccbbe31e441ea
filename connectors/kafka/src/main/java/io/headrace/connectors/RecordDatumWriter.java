package io.headrace.connectors;

import java.io.IOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.Encoder;

/**
 * Avro's writer with two short cuts: what is still encoded is written as it is, and the branch of a
 * union with null is found without a look-up of names for the commonest types.
 */
final class RecordDatumWriter extends GenericDatumWriter<GenericRecord> {

    RecordDatumWriter(Schema schema) {
        super(schema);
    }

    @Override
    protected void writeRecord(Schema schema, Object datum, Encoder out) throws IOException {
        if (!(datum instanceof ExtendedRecord extended
                && extended.base() instanceof EncodedRecord encoded)) {
            super.writeRecord(schema, datum, out);
            return;
        }
        encoded.writeTo(out);
        List<Schema.Field> fields = schema.getFields();
        for (Schema.Field field : fields.subList(extended.baseFields(), fields.size())) {
            writeField(datum, field, out, null);
        }
    }

    @Override
    protected int resolveUnion(Schema union, Object datum) {
        List<Schema> branches = union.getTypes();
        if (branches.size() == 2) {
            for (int i = 0; i < 2; i++) {
                if (isOf(branches.get(i), datum)) {
                    return i;
                }
            }
        }
        return super.resolveUnion(union, datum);
    }

    /** Whether the datum is surely of the type; other types are left to Avro. */
    @SuppressWarnings("ReferenceEquality") // an equal schema that is another object is left to Avro
    private static boolean isOf(Schema branch, Object datum) {
        return switch (branch.getType()) {
            case NULL -> datum == null;
            case STRING -> datum instanceof CharSequence;
            case DOUBLE -> datum instanceof Double;
            case LONG -> datum instanceof Long;
            case INT -> datum instanceof Integer;
            case BOOLEAN -> datum instanceof Boolean;
            case RECORD -> datum instanceof IndexedRecord record && record.getSchema() == branch;
            default -> false;
        };
    }
}
