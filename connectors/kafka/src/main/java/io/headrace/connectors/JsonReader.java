package io.headrace.connectors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * Reads JSON objects as people write them: a union's value stands by itself, not under its branch's
 * name as in Avro's own JSON.
 *
 * <p>With a schema its fields are filled, by {@link JsonToAvro}; other members are dropped. Without
 * one each record gets the schema that its own members suggest, by {@link JsonInference}; that
 * suits output as JSON, where no schema needs to stay the same.
 */
public final class JsonReader implements RecordReader {

    private static final int MAX_NESTING = 200;
    private static final ObjectReader JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_NESTING)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .build()
                    .reader();

    private final Optional<Schema> schema;

    public JsonReader(Optional<Schema> schema) {
        this.schema = schema;
    }

    @Override
    public GenericRecord read(byte[] value) throws RecordFormatException {
        ObjectNode object = parse(value);
        Schema target = schema.isPresent() ? schema.get() : JsonInference.schemaOf(object);
        return JsonToAvro.record(object, target);
    }

    private static ObjectNode parse(byte[] value) throws RecordFormatException {
        try {
            JsonNode node = JSON.readTree(Utf8Text.of(value));
            if (node instanceof ObjectNode object) {
                return object;
            }
            throw new RecordFormatException(
                    "The value is JSON, but a %s and no object."
                            .formatted(
                                    String.valueOf(node.getNodeType()).toLowerCase(Locale.ROOT)));
        } catch (JsonProcessingException e) {
            throw new RecordFormatException(
                    "The value is no JSON: %s%s".formatted(e.getOriginalMessage(), placeOf(e)), e);
        }
    }

    private static String placeOf(JsonProcessingException failure) {
        JsonLocation place = failure.getLocation();
        return place == null
                ? "."
                : " (line %d, column %d).".formatted(place.getLineNr(), place.getColumnNr());
    }
}
