package io.headrace.connectors.testing;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Makes random Avro schemas and records that fit them. */
public final class RandomAvro {

    private static final int MAX_DEPTH = 3;

    private final Random random;
    private int names;

    public RandomAvro(Random random) {
        this.random = random;
    }

    /** A schema with a name of its own. */
    public Schema recordSchema() {
        return recordSchema(0);
    }

    /** A record that fits a schema. */
    public GenericRecord record(Schema schema) {
        GenericRecord record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            record.put(field.pos(), value(field.schema()));
        }
        return record;
    }

    private Schema recordSchema(int depth) {
        List<Schema.Field> fields = new ArrayList<>();
        int count = 1 + random.nextInt(6);
        for (int index = 0; index < count; index++) {
            fields.add(new Schema.Field("f" + index, type(depth + 1)));
        }
        return Schema.createRecord("R" + names++, null, "fuzz", false, fields);
    }

    private Schema type(int depth) {
        int kinds = depth < MAX_DEPTH ? 13 : 9;
        return switch (random.nextInt(kinds)) {
            case 0 -> Schema.create(Schema.Type.BOOLEAN);
            case 1 -> Schema.create(Schema.Type.INT);
            case 2 -> Schema.create(Schema.Type.LONG);
            case 3 -> Schema.create(Schema.Type.FLOAT);
            case 4 -> Schema.create(Schema.Type.DOUBLE);
            case 5 -> Schema.create(Schema.Type.STRING);
            case 6 -> Schema.create(Schema.Type.BYTES);
            case 7 -> Schema.createFixed("F" + names++, null, "fuzz", 1 + random.nextInt(8));
            case 8 -> Schema.createEnum("E" + names++, null, "fuzz", List.of("A", "B", "C"));
            case 9 -> Schema.createArray(type(depth + 1));
            case 10 -> Schema.createMap(type(depth + 1));
            case 11 ->
                    Schema.createUnion(
                            Schema.create(Schema.Type.NULL), Schema.create(Schema.Type.STRING));
            default -> recordSchema(depth);
        };
    }

    private Object value(Schema schema) {
        return switch (schema.getType()) {
            case BOOLEAN -> random.nextBoolean();
            case INT -> random.nextInt();
            case LONG -> random.nextLong();
            case FLOAT -> random.nextFloat();
            case DOUBLE -> random.nextDouble();
            case STRING -> "text " + random.nextInt();
            case BYTES -> ByteBuffer.wrap(bytes(random.nextInt(10)));
            case FIXED -> new GenericData.Fixed(schema, bytes(schema.getFixedSize()));
            case ENUM -> new GenericData.EnumSymbol(schema, schema.getEnumSymbols().get(0));
            case ARRAY -> array(schema);
            case MAP -> map(schema);
            case UNION -> random.nextBoolean() ? null : "there";
            default -> record(schema);
        };
    }

    private List<Object> array(Schema schema) {
        List<Object> elements = new ArrayList<>();
        for (int index = random.nextInt(4); index > 0; index--) {
            elements.add(value(schema.getElementType()));
        }
        return elements;
    }

    private Map<String, Object> map(Schema schema) {
        Map<String, Object> values = new HashMap<>();
        for (int index = random.nextInt(4); index > 0; index--) {
            values.put("k" + index, value(schema.getValueType()));
        }
        return values;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
