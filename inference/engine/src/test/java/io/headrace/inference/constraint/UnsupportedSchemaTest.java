package io.headrace.inference.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnsupportedSchemaTest {

    private static final IndexedVocabulary BYTES = IndexedVocabulary.of(Vocabularies.bytes());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/properties/a/not | {\"type\":\"string\",\"not\":{}}",
                "/properties/a/if | {\"type\":\"integer\",\"if\":{}}",
                "/properties/a/minimum | {\"type\":\"string\",\"minimum\":1}",
                "/properties/a/multipleOf | {\"type\":\"integer\",\"multipleOf\":3}",
                "/properties/a/format | {\"type\":\"string\",\"format\":\"uri\"}",
                "/properties/a/pattern | {\"type\":\"string\",\"pattern\":\"(?=x)\"}",
                "/properties/a/type | {\"type\":\"text\"}",
                "/properties/a | {}",
                "/properties/a | true",
                "/properties/a | {\"type\":\"array\"}",
                "/properties/a | {\"type\":\"object\"}",
                "/properties/a/items/x~1y | {\"type\":\"array\",\"items\":{\"type\":\"null\",\"x/y\":1}}",
                "/properties/a/uniqueItems | {\"items\":{\"type\":\"null\"},\"uniqueItems\":true}",
                "/properties/a/prefixItems | {\"prefixItems\":[{\"type\":\"null\"}],\"items\":false}",
                "/properties/a/prefixItems | {\"prefixItems\":[{\"type\":\"null\"}],\"minItems\":1}",
                "/properties/a/minItems | {\"items\":{\"type\":\"null\"},\"minItems\":3,\"maxItems\":2}",
                "/properties/a/prefixItems | {\"type\":\"array\",\"prefixItems\":[]}",
                "/properties/a/maxLength | {\"type\":\"string\",\"maxLength\":-1}",
                "/properties/a/maxLength | {\"type\":\"string\",\"maxLength\":\"9\"}",
                "/properties/a/minLength | {\"type\":\"string\",\"minLength\":9,\"maxLength\":3}",
                "/properties/a | {\"type\":\"string\",\"pattern\":\"^a{9}$\",\"maxLength\":3}",
                "/properties/a | {\"type\":\"integer\",\"minimum\":5,\"maximum\":4}",
                "/properties/a | {\"type\":\"integer\",\"exclusiveMinimum\":5,\"exclusiveMaximum\":6}",
                "/properties/a/exclusiveMinimum | {\"type\":\"integer\",\"exclusiveMinimum\":true}",
                "/properties/a/additionalProperties | {\"properties\":{},\"additionalProperties\":{\"type\":\"null\"}}",
                "/properties/a/required | {\"properties\":{},\"required\":[\"b\"]}",
                "/properties/a/enum | {\"enum\":[{}]}",
                "/properties/a/enum | {\"enum\":[]}",
                "/properties/a | {\"type\":\"integer\",\"enum\":[\"x\"]}",
                "/properties/a/$ref | {\"$ref\":\"#/nowhere\"}",
                "/properties/a/$ref | {\"$ref\":\"http://example.com/s.json\"}",
                "/properties/a/maxLength | {\"$ref\":\"#\",\"maxLength\":1}",
                "/properties/a/type | {\"anyOf\":[{\"type\":\"null\"}],\"type\":\"null\"}",
                "/properties/a/anyOf | {\"anyOf\":[]}",
                "/properties/a/anyOf/1/type | {\"anyOf\":[{\"type\":\"null\"},{\"type\":\"x\"}]}",
                "/properties/a/oneOf | {\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}",
                "/properties/a/allOf | {\"allOf\":[{\"type\":\"null\"},{\"type\":\"null\"}]}",
                "/properties/a/format | {\"type\":\"string\",\"x-headrace-span\":true,\"format\":\"date\"}",
                "/properties/a/x-headrace-spam | {\"type\":\"string\",\"x-headrace-spam\":true}",
                "/properties/a/x-headrace-span | {\"type\":\"string\",\"x-headrace-span\":\"yes\"}"
            })
    void namesThePlaceOfWhatItRefuses(String pointer, String schema) {
        String document = "{\"type\":\"object\",\"properties\":{\"a\":" + schema + "}}";
        assertThatThrownBy(() -> JsonConstraint.compile(document, BYTES))
                .isInstanceOfSatisfying(
                        UnsupportedSchemaException.class,
                        e -> assertThat(e.pointer()).as(e.getMessage()).isEqualTo(pointer))
                .hasMessageStartingWith("at " + pointer + ": ")
                .hasMessageNotContaining("\n");
    }

    @Test
    void saysWhatIsSupportedInstead() {
        assertThatThrownBy(() -> JsonConstraint.compile("{\"type\":\"string\",\"not\":{}}", BYTES))
                .hasMessage(
                        "at /not: the keyword \"not\" is not supported for the type string; supported"
                                + " there: format, maxLength, minLength, pattern, type, x-headrace-span");
    }

    @Test
    void refusesWhatIsNotJson() {
        assertThatThrownBy(() -> JsonConstraint.compile("{\"type\": string}", BYTES))
                .isInstanceOf(UnsupportedSchemaException.class)
                .hasMessageStartingWith("at the root: the schema is not valid JSON");
        assertThatThrownBy(() -> JsonConstraint.compile("", BYTES))
                .isInstanceOf(UnsupportedSchemaException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"string\"} | {\"type\":\"null\"}",
                "{\"const\":1} | {\"const\":2}",
                "{\"enum\":[\"a\",\"b\"]} | {\"enum\":[\"c\",1]}",
                "{\"properties\":{\"k\":{\"const\":\"a\"}},\"required\":[\"k\"]} |"
                        + " {\"properties\":{\"k\":{\"const\":\"b\"}},\"required\":[\"k\"]}",
                "{\"properties\":{\"k\":{\"const\":\"a\"}},\"required\":[\"k\"]} |"
                        + " {\"properties\":{},\"additionalProperties\":false}"
            })
    void followsOneOfWhereTheBranchesExcludeEachOther(String left, String right) {
        String schema = "{\"oneOf\":[" + left + "," + right + "]}";
        ConstraintState start = JsonConstraint.compile(schema, BYTES).start("");
        new SchemaAssert(schema).accepts(start.shortestCompletion());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"const\":1} | {\"const\":1.0}",
                "{\"type\":\"string\"} | {\"const\":\"a\"}",
                "{\"properties\":{\"k\":{\"type\":\"null\"}}} | {\"properties\":{\"l\":{\"type\":\"null\"}}}",
                "{\"properties\":{\"k\":{\"const\":\"a\"}}} |"
                        + " {\"properties\":{\"k\":{\"const\":\"b\"}},\"required\":[\"k\"]}"
            })
    void refusesOneOfWhereBothBranchesCouldHold(String left, String right) {
        String schema = "{\"oneOf\":[" + left + "," + right + "]}";
        assertThatThrownBy(() -> JsonConstraint.compile(schema, BYTES))
                .hasMessageContaining("branches 0 and 1 may both hold");
    }
}
