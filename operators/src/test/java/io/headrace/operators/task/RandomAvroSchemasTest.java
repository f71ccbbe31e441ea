package io.headrace.operators.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Usage;
import io.headrace.inference.constraint.ConstraintState;
import io.headrace.inference.constraint.IndexedVocabulary;
import io.headrace.inference.constraint.JsonConstraint;
import io.headrace.inference.constraint.TokenMask;
import io.headrace.inference.constraint.TokenVocabulary;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

/** Whatever is decoded under the constraint of an Avro schema is a datum of that schema. */
class RandomAvroSchemasTest {

    private static final int SCHEMAS = 1_000;
    private static final int DEPTH = 5;
    private static final int FREE_STEPS = 150;

    /** A token for each byte, after one that is no text. */
    private static final IndexedVocabulary BYTES =
            IndexedVocabulary.of(
                    new TokenVocabulary() {
                        @Override
                        public int size() {
                            return 257;
                        }

                        @Override
                        public byte[] bytes(int token) {
                            return token == 0 ? new byte[0] : new byte[] {(byte) (token - 1)};
                        }

                        @Override
                        public boolean isControl(int token) {
                            return token == 0;
                        }
                    });

    private final Random random = new Random(11);
    private int names;

    @Test
    void everyDecodedTextBecomesADatumThatAvroWritesAndReads() throws Exception {
        for (int i = 0; i < SCHEMAS; i++) {
            Schema schema = record(DEPTH);
            String json = decode(new AvroJsonSchema(false, false, 64).convert(schema).toString());
            Object datum = JsonToAvro.convert(json, schema);
            assertThat(GenericData.get().validate(schema, datum)).as(schema + "\n" + json).isTrue();
            assertThat(read(schema, write(schema, datum))).as(json).isEqualTo(datum);
            assertEvidence(schema, json);
        }
    }

    @Test
    void everyDecodedTextOfTheCompactLayoutBecomesADatumToo() throws Exception {
        int shorter = 0;
        for (int i = 0; i < SCHEMAS; i++) {
            Schema schema = record(DEPTH);
            String json = decode(new AvroJsonSchema(false, true, 64).convert(schema).toString());
            String named = CompactLayout.named(json, schema);
            assertThat(json).startsWith("[");
            Object datum = JsonToAvro.convert(named, schema);
            assertThat(GenericData.get().validate(schema, datum)).as(schema + "\n" + json).isTrue();
            assertThat(read(schema, write(schema, datum))).as(json).isEqualTo(datum);
            shorter += json.length() < named.length() ? 1 : 0;
        }
        assertThat(shorter).isGreaterThan(SCHEMAS * 9 / 10);
    }

    /** Under any schema, of values that stand in the text and of such that do not. */
    private static void assertEvidence(Schema schema, String json) throws Exception {
        Extract task = new Extract("task", schema, false, 100).withEvidence();
        Schema with = task.field().schema();
        InferenceResult.Generated answer =
                new InferenceResult.Generated(json, false, new Usage(1, 0, 1, 0, 0));
        for (String text : List.of(json, "")) {
            Step step = task.step(text, List.of(answer), TestBudget.WIDE);
            Object datum = task.toAvro(((Step.Done) step).result());
            assertThat(GenericData.get().validate(with, datum)).as(with + "\n" + json).isTrue();
            assertThat(read(with, write(with, datum))).isEqualTo(datum);
        }
    }

    private String decode(String jsonSchema) {
        ConstraintState state = JsonConstraint.compile(jsonSchema, BYTES).start("");
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int step = 0; step < FREE_STEPS && !state.complete(); step++) {
            int token = random(state.mask());
            text.writeBytes(BYTES.bytes(token));
            state = state.accept(token);
        }
        text.writeBytes(state.shortestCompletionBytes());
        return text.toString(StandardCharsets.UTF_8);
    }

    private int random(TokenMask mask) {
        int[] allowed = IntStream.range(0, BYTES.size()).filter(mask::allows).toArray();
        return allowed[random.nextInt(allowed.length)];
    }

    private static byte[] write(Schema schema, Object datum) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<>(schema).write(datum, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    private static Object read(Schema schema, byte[] bytes) throws Exception {
        return new GenericDatumReader<>(schema)
                .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
    }

    private Schema record(int depth) {
        List<Schema.Field> fields = new ArrayList<>();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            Schema type = type(depth - 1);
            boolean nullable = random.nextInt(3) == 0 && type.getType() != Schema.Type.UNION;
            fields.add(
                    nullable
                            ? new Schema.Field(
                                    "f" + i,
                                    Schema.createUnion(Schema.create(Schema.Type.NULL), type),
                                    "a field",
                                    Schema.Field.NULL_DEFAULT_VALUE)
                            : new Schema.Field("f" + i, type));
        }
        return Schema.createRecord("R" + names++, "a record", "test", false, fields);
    }

    private Schema type(int depth) {
        return switch (random.nextInt(depth > 0 ? 16 : 13)) {
            case 0 -> Schema.create(Schema.Type.INT);
            case 1 -> Schema.create(Schema.Type.LONG);
            case 2 -> Schema.create(Schema.Type.FLOAT);
            case 3 -> Schema.create(Schema.Type.DOUBLE);
            case 4 -> Schema.create(Schema.Type.BOOLEAN);
            case 5 -> Schema.createEnum("E" + names++, "", "test", List.of("RED", "GREEN", "ROSE"));
            case 6 -> LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
            case 7 -> LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG));
            case 8 -> LogicalTypes.timeMicros().addToSchema(Schema.create(Schema.Type.LONG));
            case 9 -> LogicalTypes.uuid().addToSchema(Schema.create(Schema.Type.STRING));
            case 10 ->
                    LogicalTypes.decimal(1 + random.nextInt(12), random.nextInt(2))
                            .addToSchema(Schema.create(Schema.Type.BYTES));
            case 11, 12 -> Schema.create(Schema.Type.STRING);
            case 13 -> Schema.createArray(type(depth - 1));
            default -> record(depth);
        };
    }
}
