package io.headrace.connectors;

import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/** What types of fields are, seen through a union with null. */
final class FieldTypes {

    private FieldTypes() {}

    /** Returns the only branch of a union beside null, or the schema itself. */
    static Schema withoutNull(Schema schema) {
        if (schema.getType() != Schema.Type.UNION) {
            return schema;
        }
        List<Schema> others =
                schema.getTypes().stream()
                        .filter(branch -> branch.getType() != Schema.Type.NULL)
                        .toList();
        return others.size() == 1 ? others.get(0) : schema;
    }

    static boolean canBeTime(Schema schema) {
        return switch (schema.getType()) {
            case LONG, STRING -> true;
            case INT -> schema.getLogicalType() instanceof LogicalTypes.Date;
            default -> false;
        };
    }
}
