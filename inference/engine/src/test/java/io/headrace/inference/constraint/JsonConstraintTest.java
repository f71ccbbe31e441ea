package io.headrace.inference.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JsonConstraintTest {

    private static final IndexedVocabulary BYTES = IndexedVocabulary.of(Vocabularies.bytes());
    private static final IndexedVocabulary STRUCTURAL =
            IndexedVocabulary.of(Vocabularies.structural());

    private static ConstraintState start(String schema) {
        return JsonConstraint.compile(schema, BYTES).start("");
    }

    /** An object with one required property named {@code a}. */
    private static ConstraintState value(String schema) {
        return start(
                        "{\"type\":\"object\",\"properties\":{\"a\":"
                                + schema
                                + "},\"required\":[\"a\"]}")
                .acceptText("{\"a\":");
    }

    private static boolean allows(ConstraintState state, String text) {
        try {
            state.acceptText(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Test
    void forcesTextUpToTheFirstChoice() {
        ConstraintState state =
                start(
                        """
                        {"type": "object",
                         "properties": {
                           "name": {"type": ["string", "null"]},
                           "kind": {"enum": ["card_arrival", "card_lost", "refund"]}},
                         "required": ["name", "kind"]}
                        """);
        assertThat(state.forcedText()).isEqualTo("{\"name\":");
        state = state.acceptText("{\"name\":");
        assertThat(state.forcedText()).isEmpty();
        assertThat(state.mask().cardinality()).isEqualTo(2);
        assertThat(state.acceptText("n").forcedText()).isEqualTo("ull,\"kind\":\"");
        state = state.acceptText("null,\"kind\":\"");
        assertThat(state.acceptText("c").forcedText()).isEqualTo("ard_");
        assertThat(state.acceptText("card_a").forcedText()).isEqualTo("rrival\"}");
        assertThat(state.acceptText("card_arrival\"}").complete()).isTrue();
    }

    @Test
    void forcesNothingPastThePossibleEndOfABareNumber() {
        ConstraintState state = start("{\"type\": \"integer\", \"minimum\": 7, \"maximum\": 79}");
        state = state.acceptText("7");
        assertThat(state.canEnd()).isTrue();
        assertThat(state.complete()).isFalse();
        assertThat(state.forcedText()).isEmpty();
        assertThat(state.shortestCompletion()).isEmpty();
        state = state.acceptText("9");
        assertThat(state.complete()).isTrue();
        assertThat(state.mask().isEmpty()).isTrue();
    }

    @Test
    void forcedTextNeverEndsInsideACharacter() {
        ConstraintState state = value("{\"enum\": [\"é\", \"è\"]}");
        assertThat(state.forcedText()).isEqualTo("\"");
        state = state.acceptText("\"").accept(0xC3 + 1);
        assertThat(state.insideCharacter()).isTrue();
        assertThat(state.forcedText()).isEmpty();
        assertThat(state.mask().cardinality()).isEqualTo(2);
        assertThatThrownBy(state::shortestCompletion).isInstanceOf(IllegalStateException.class);
        assertThat(state.shortestCompletionBytes()).hasSize(3);
        ConstraintState only = value("{\"const\": \"é\"}").acceptText("\"").accept(0xC3 + 1);
        assertThat(only.forcedText()).isEmpty();
        assertThat(only.accept(0xA9 + 1).forcedText()).isEqualTo("\"}");
    }

    @Test
    void keepsTheOrderOfPropertiesAndLetsOptionalOnesOut() {
        String schema =
                """
                {"type": "object",
                 "properties": {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3},
                                "d": {"const": 4}},
                 "required": ["b"]}
                """;
        ConstraintState start = start(schema);
        for (String accepted :
                List.of(
                        "{\"b\":2}",
                        "{\"a\":1,\"b\":2}",
                        "{\"b\":2,\"c\":3}",
                        "{\"b\":2,\"d\":4}",
                        "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}")) {
            assertThat(start.acceptText(accepted).complete()).as(accepted).isTrue();
        }
        for (String refused :
                List.of("{}", "{\"a\":1}", "{\"c\"", "{\"b\":2,\"a\"", "{\"b\":2,}", "{ ")) {
            assertThat(allows(start, refused)).as(refused).isFalse();
        }
        assertThat(start.shortestCompletion()).isEqualTo("{\"b\":2}");
        ConstraintState allOptional =
                start(
                        "{\"type\":\"object\",\"properties\":{\"x\":{\"const\":1},\"y\":{\"const\":2}}}");
        assertThat(allOptional.acceptText("{}").complete()).isTrue();
        assertThat(allOptional.acceptText("{\"y\":2}").complete()).isTrue();
        assertThat(allOptional.acceptText("{\"x\":1,\"y\":2}").complete()).isTrue();
    }

    @Test
    void countsTheItemsOfArrays() {
        ConstraintState state =
                value("{\"type\":\"array\",\"items\":{\"const\":1},\"minItems\":2,\"maxItems\":3}");
        assertThat(allows(state, "[]")).isFalse();
        assertThat(allows(state, "[1]")).isFalse();
        assertThat(allows(state, "[1,1]}")).isTrue();
        assertThat(allows(state, "[1,1,1]}")).isTrue();
        assertThat(allows(state, "[1,1,1,")).isFalse();
        assertThat(state.acceptText("[1").shortestCompletion()).isEqualTo(",1]}");
        ConstraintState none = value("{\"type\":\"array\",\"items\":{\"const\":1},\"maxItems\":0}");
        assertThat(none.forcedText()).isEqualTo("[]}");
    }

    @Test
    void limitsStringsInCodePoints() {
        ConstraintState state = value("{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}");
        assertThat(allows(state, "\"é\"")).isFalse();
        assertThat(allows(state, "\"é😀\"}")).isTrue();
        assertThat(allows(state, "\"\\n\\\"\\\\\"}")).isTrue();
        assertThat(allows(state, "\"abcd")).isFalse();
        assertThat(allows(state, "\"a\nb\"")).isFalse();
        assertThat(allows(state, "\"\\u0041")).isFalse();
        assertThat(state.shortestCompletion()).hasSize("\"..\"}".length());
    }

    @Test
    void followsUnionsSideBySide() {
        String schema =
                """
                {"anyOf": [
                  {"type": "object", "properties": {"kind": {"const": "a"}, "n": {"type": "integer"}},
                   "required": ["kind", "n"]},
                  {"type": "object", "properties": {"kind": {"const": "ab"}, "s": {"type": "boolean"}},
                   "required": ["kind", "s"]},
                  {"type": "null"}]}
                """;
        ConstraintState start = start(schema);
        assertThat(start.forcedText()).isEmpty();
        assertThat(start.acceptText("{").forcedText()).isEqualTo("\"kind\":\"a");
        assertThat(start.acceptText("{\"kind\":\"a\"").forcedText()).isEqualTo(",\"n\":");
        assertThat(start.acceptText("{\"kind\":\"ab").forcedText()).isEqualTo("\",\"s\":");
        assertThat(start.acceptText("null").complete()).isTrue();
    }

    @Test
    void followsReferencesAsDeepAsStated() {
        String schema =
                """
                {"$ref": "#/$defs/node",
                 "$defs": {"node": {"type": "object",
                   "properties": {"v": {"const": 1}, "next": {"$ref": "#/$defs/node"}},
                   "required": ["v"]}}}
                """;
        ConstraintOptions options = new ConstraintOptions(256, 64, 18, 6, 2);
        ConstraintState start = JsonConstraint.compile(schema, BYTES, options).start("");
        assertThat(start.acceptText("{\"v\":1,\"next\":{\"v\":1").forcedText()).isEqualTo("}}");
        assertThatThrownBy(
                        () ->
                                start(
                                        """
                                        {"type": "object", "properties": {"a": {"$ref": "#"}},
                                         "required": ["a"]}
                                        """))
                .isInstanceOf(UnsupportedSchemaException.class)
                .hasMessageContaining("no value is possible");
    }

    @Test
    void filtersEnumsByTheOtherKeywords() {
        ConstraintState state =
                value(
                        "{\"type\":[\"string\",\"integer\"],\"enum\":[\"a\",\"bb\",1,2.0,2.5,null],\"maxLength\":1}");
        for (String accepted : List.of("\"a\"}", "1}", "2}")) {
            assertThat(allows(state, accepted)).as(accepted).isTrue();
        }
        for (String refused : List.of("\"bb", "2.5", "null", "11")) {
            assertThat(allows(state, refused)).as(refused).isFalse();
        }
    }

    @Test
    void refusesWhatIsNotAllowed() {
        ConstraintState state = start("{\"type\": \"boolean\"}");
        assertThatThrownBy(() -> state.accept('x' + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"x\"");
        assertThatThrownBy(() -> state.acceptText("tru!"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tru!");
        ConstraintState object =
                start("{\"type\":\"object\",\"properties\":{\"a\":{\"const\":1}}}");
        assertThat(object.mask().allows(0)).as("a control token that spells {\"").isFalse();
        assertThatThrownBy(() -> object.accept(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tokensMayCrossTheBordersOfTheStructure() {
        ConstraintState state =
                JsonConstraint.compile(
                                """
                                {"type": "object",
                                 "properties": {"a": {"type": "string"}, "name": {"const": "x"}},
                                 "required": ["a", "name"]}
                                """,
                                STRUCTURAL)
                        .start("")
                        .acceptText("{\"a\":\"");
        int token = token(STRUCTURAL, "\",\"");
        assertThat(state.mask().allows(token)).isTrue();
        assertThat(state.accept(token).forcedText()).isEqualTo("name\":\"x\"}");
    }

    @Test
    void aVocabularyThatLacksBytesCanRunOutOfTokensButNotOfText() {
        List<byte[]> tokens = new ArrayList<>();
        for (String text : List.of("control", "{", "\"a\":", "\"", "x")) {
            tokens.add(text.getBytes(StandardCharsets.UTF_8));
        }
        ConstraintState state =
                JsonConstraint.compile(
                                """
                                {"type": "object", "properties": {"a": {"type": "string"}},
                                 "required": ["a"]}
                                """,
                                Vocabularies.without(tokens))
                        .start("")
                        .acceptText("{\"a\":\"x\"");
        assertThat(state.complete()).isFalse();
        assertThat(state.mask().isEmpty()).isTrue();
        assertThat(state.shortestCompletion()).isEqualTo("}");
    }

    @Test
    void sharesMasksBetweenStatesFarFromALimit() {
        ConstraintState state =
                value("{\"type\":\"string\",\"maxLength\":10000}").acceptText("\"a");
        TokenMask mask = state.mask();
        assertThat(state.acceptText("b".repeat(5000)).mask()).isSameAs(mask);
        ConstraintState array =
                value("{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"maxItems\":5000}")
                        .acceptText("[\"a");
        assertThat(array.acceptText("\",\"b\",\"c").mask()).isSameAs(array.mask());
    }

    @Test
    void aStateIsUsableFromManyThreads() {
        JsonConstraint constraint =
                JsonConstraint.compile(
                        "{\"type\":\"array\",\"items\":{\"type\":[\"string\",\"number\",\"null\"]}}",
                        STRUCTURAL);
        List<TokenMask> masks =
                IntStream.range(0, 400)
                        .parallel()
                        .mapToObj(i -> constraint.start("").acceptText("[\"a\",12").mask())
                        .distinct()
                        .toList();
        assertThat(masks).hasSize(1);
    }

    static int token(TokenVocabulary vocabulary, String text) {
        return IntStream.range(1, vocabulary.size())
                .filter(
                        token ->
                                new String(vocabulary.bytes(token), StandardCharsets.UTF_8)
                                        .equals(text))
                .findFirst()
                .orElseThrow();
    }
}
