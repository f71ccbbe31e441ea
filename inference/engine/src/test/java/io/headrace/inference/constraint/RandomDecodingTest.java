package io.headrace.inference.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random models under random schemas, against an independent validator. */
class RandomDecodingTest {

    private static final String TEXT =
            "Dear team,\n\nI paid \"€45.50\" on 2024-02-29 for naïve café 日本語 😀👍🏽.\tC:\\dir it's"
                    + " O'Neil-Smith\u0001 end  ";

    private static final List<TokenVocabulary> VOCABULARIES =
            List.of(
                    IndexedVocabulary.of(Vocabularies.bytes()),
                    IndexedVocabulary.of(Vocabularies.structural()),
                    IndexedVocabulary.of(Vocabularies.merged(400, 1)),
                    IndexedVocabulary.of(Vocabularies.merged(3000, 2)));

    @Test
    void everyOutputOfARandomSchemaParsesAndValidates() {
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            String schema = RandomSchemas.next(random).toString();
            TokenVocabulary vocabulary = VOCABULARIES.get(seed % VOCABULARIES.size());
            try {
                JsonConstraint constraint = JsonConstraint.compile(schema, vocabulary);
                SchemaAssert validator = new SchemaAssert(schema);
                for (int run = 0; run < 2; run++) {
                    RandomDecoder decoder =
                            new RandomDecoder(vocabulary, random, 1 + random.nextInt(150));
                    validator.accepts(decoder.decode(constraint.start("")));
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ", schema " + schema, e);
            }
        }
    }

    @Test
    void spansAreAlwaysSpansOfTheSource() {
        int found = 0;
        for (int seed = 0; seed < 1500; seed++) {
            Random random = new Random(seed);
            ObjectNode schema = RandomSchemas.nextWithSpans(random);
            TokenVocabulary vocabulary = VOCABULARIES.get(seed % VOCABULARIES.size());
            String source = seed % 7 == 0 ? " \n" : TEXT.substring(random.nextInt(30));
            try {
                JsonConstraint constraint = JsonConstraint.compile(schema.toString(), vocabulary);
                SchemaAssert validator = new SchemaAssert(schema.toString());
                RandomDecoder decoder =
                        new RandomDecoder(vocabulary, random, 1 + random.nextInt(150));
                JsonNode value = validator.accepts(decoder.decode(constraint.start(source)));
                found += checkSpans(schema, value, source);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ", schema " + schema, e);
            }
        }
        assertThat(found).isGreaterThan(500);
    }

    /** Checks the spans that are not inside unions or references; returns how many there were. */
    private static int checkSpans(JsonNode schema, JsonNode value, String source) {
        int found = 0;
        if (schema.path(SchemaNode.SPAN_KEYWORD).booleanValue() && value.isTextual()) {
            String span = value.textValue();
            if (span.isEmpty()) {
                assertThat(source).isBlank();
                assertThat(schema.get("type").isTextual()).isTrue();
            } else {
                assertThat(source).contains(span);
                assertThat(span).isEqualTo(span.strip());
            }
            found++;
        }
        for (var property : value.properties()) {
            found +=
                    checkSpans(
                            schema.path("properties").path(property.getKey()),
                            property.getValue(),
                            source);
        }
        if (value.isArray()) {
            for (JsonNode item : value) {
                found += checkSpans(schema.path("items"), item, source);
            }
        }
        return found;
    }
}
