package io.headrace.operators.task;

import java.util.List;
import org.apache.avro.Schema;

/** Questions about Avro types that several conversions ask. */
final class AvroTypes {

    private AvroTypes() {}

    /** Whether null is a value of the type. */
    static boolean nullable(Schema schema) {
        return schema.isNullable();
    }

    /** The branches of a union other than null; the type itself when it is no union. */
    static List<Schema> branches(Schema schema) {
        return schema.isUnion()
                ? schema.getTypes().stream().filter(s -> s.getType() != Schema.Type.NULL).toList()
                : List.of(schema);
    }

    /** The only branch of a nullable type; of a wider union, the first. */
    static Schema withoutNull(Schema schema) {
        List<Schema> branches = branches(schema);
        return branches.isEmpty() ? schema : branches.get(0);
    }

    /** A number that may be absent, as Avro has it. */
    static Double nullIfNaN(double value) {
        return Double.isNaN(value) ? null : value;
    }
}
