package io.headrace.inference.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpanTest {

    private static final IndexedVocabulary VOCABULARY =
            IndexedVocabulary.of(Vocabularies.structural());

    private static final String SPAN = "{\"type\":\"string\",\"x-headrace-span\":true}";

    /** The first token that is not a byte. */
    private static final int TOKEN = 257;

    private static ConstraintState value(String schema, String source) {
        return JsonConstraint.compile(
                        "{\"type\":\"object\",\"properties\":{\"a\":"
                                + schema
                                + "},\"required\":[\"a\"]}",
                        VOCABULARY)
                .start(source)
                .acceptText("{\"a\":");
    }

    private static boolean allows(ConstraintState state, String json) {
        try {
            return state.acceptText(json).complete();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "paid, true",
        "I paid, true",
        "pai, false",
        "aid, false",
        "' paid', false",
        "'paid ', false",
        "€45.50, true",
        "45.50, true",
        "45, true",
        "5, false",
        "'for 2 (two) cafés, O''Neil', true",
        "(two), true",
        "cafe, false",
        "日本, true",
        "本, true",
        "日 本, false",
        "paid twice, false"
    })
    void beginsAndEndsAtBordersOfWords(String span, boolean admitted) {
        ConstraintState state =
                value(SPAN, "  I paid €45.50 for 2 (two) cafés, O'Neil.\t日本 user_id1 ");
        assertThat(allows(state, "\"" + span + "\"}")).isEqualTo(admitted);
    }

    @Test
    void escapesTheQuotesBackslashesAndControlsOfTheSource() {
        ConstraintState state = value(SPAN, "He said \"no\\yes\"\nthen\u0001left");
        assertThat(allows(state, "\"said \\\"no\\\\yes\\\"\\nthen\\u0001left\"}")).isTrue();
        assertThat(allows(state, "\"\\\"\"}")).isTrue();
        assertThat(allows(state, "\"then\\u0001\"}")).as("ends with a control").isFalse();
        assertThat(allows(state, "\"said \\\"no\\\\yes\\\"\nthen\"}")).as("raw newline").isFalse();
    }

    @Test
    void forcesTheRestOfASpanThatHasNoOtherWay() {
        ConstraintState state = value(SPAN, "the international bank");
        assertThat(state.forcedText()).isEqualTo("\"");
        assertThat(state.acceptText("\"int").forcedText()).isEqualTo("ernational");
        assertThat(state.acceptText("\"b").forcedText()).isEqualTo("ank\"}");
        assertThat(state.acceptText("\"the").shortestCompletion()).isEqualTo("\"}");
        assertThat(state.acceptText("\"the ").shortestCompletion()).isEqualTo("international\"}");
    }

    @Test
    void keepsTheLengthOfSpansWithinTheirLimits() {
        String schema =
                "{\"type\":\"string\",\"x-headrace-span\":true,\"minLength\":4,\"maxLength\":8}";
        ConstraintState state = value(schema, "one twofold three 日本語日 fourteenths");
        assertThat(allows(state, "\"one\"}")).isFalse();
        assertThat(allows(state, "\"twofold\"}")).isTrue();
        assertThat(allows(state, "\"日本語日\"}")).isTrue();
        assertThat(allows(state, "\"twofold three\"}")).isFalse();
        assertThat(state.acceptText("\"").mask().allows('f' + 1)).as("fourteenths").isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "\n\t", "\uFEFF \u200B", "\uD83D"})
    void isNullOrEmptyWithoutASpan(String source) {
        assertThat(value(SPAN, source).forcedText()).isEqualTo("\"\"}");
        assertThat(
                        value("{\"type\":[\"string\",\"null\"],\"x-headrace-span\":true}", source)
                                .forcedText())
                .isEqualTo("null}");
        assertThat(value("{\"anyOf\":[" + SPAN + ",{\"type\":\"null\"}]}", source).forcedText())
                .isEqualTo("null}");
        assertThat(value("{\"type\":\"array\",\"items\":" + SPAN + "}", source).forcedText())
                .isEqualTo("[]}");
        assertThat(
                        value("{\"type\":\"object\",\"properties\":{\"b\":" + SPAN + "}}", source)
                                .forcedText())
                .isEqualTo("{}}");
    }

    @Test
    void isNullOrEmptyWhenNoSpanHasTheLength() {
        String schema = "{\"type\":[\"string\",\"null\"],\"x-headrace-span\":true,\"maxLength\":3}";
        assertThat(value(schema, "longer words only").forcedText()).isEqualTo("null}");
        assertThat(value(schema, "one more").forcedText()).isEmpty();
    }

    @Test
    void neverReachesOverAnUnpairedSurrogate() {
        ConstraintState state = value(SPAN, "left \uD83D right");
        assertThat(allows(state, "\"left\"}")).isTrue();
        assertThat(allows(state, "\"right\"}")).isTrue();
        assertThat(allows(state, "\"left ")).isFalse();
        assertThat(state.acceptText("\"left").forcedText()).isEqualTo("\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "left \uD83D right",
                "left\uD83Dright",
                "a\uD83D b c",
                "a \uDC00b",
                "a\uD800"
            })
    void aSpanNeverHasTheByteZero(String source) {
        ConstraintState start = value(SPAN, source).acceptText("\"");
        for (int length = 0; length <= 5; length++) {
            String begin = source.substring(0, Math.min(length, source.length()));
            assertThat(allowsMore(start, begin + "\u0000")).isFalse();
        }
    }

    private static boolean allowsMore(ConstraintState state, String text) {
        try {
            state.acceptText(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Test
    void keepsMarksJoinersAndModifiersWithTheirCharacter() {
        ConstraintState state = value(SPAN, "👍🏽 👩\u200D💻 e\u0301t");
        assertThat(allows(state, "\"👍🏽\"}")).isTrue();
        assertThat(allows(state, "\"👍\"}")).isFalse();
        assertThat(allows(state, "\"👩\u200D💻\"}")).isTrue();
        assertThat(allows(state, "\"👩\"}")).isFalse();
        assertThat(allows(state, "\"e\"}")).isFalse();
        assertThat(allows(state, "\"e\u0301t\"}")).isTrue();
    }

    @Test
    void admitsExactlyTheSpansOfTheDefinition() {
        String source = "ab a-b \"ab\" aé\\b ab\nab";
        int[] points = source.codePoints().toArray();
        Set<String> expected = new LinkedHashSet<>();
        for (int from = 0; from < points.length; from++) {
            for (int to = from + 1; to <= points.length; to++) {
                if (WordBorders.startsAt(points, from) && WordBorders.endsAt(points, to)) {
                    expected.add(new String(points, from, to - from));
                }
            }
        }
        ConstraintState start = JsonConstraint.compile(SPAN, VOCABULARY).start(source);
        for (int from = 0; from < points.length; from++) {
            for (int to = from; to <= points.length; to++) {
                String text = new String(points, from, to - from);
                assertThat(allows(start, SchemaCompiler.quoted(text)))
                        .as(text)
                        .isEqualTo(expected.contains(text));
            }
        }
        Random random = new Random(4);
        for (int i = 0; i < 300; i++) {
            String output = new RandomDecoder(VOCABULARY, random, random.nextInt(12)).decode(start);
            assertThat(expected).contains(SchemaAssert.parse(output).textValue());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "' paid twice', 'paid twice'",
        "'paid twice', 'paid twice'",
        "'\" paid twice\"', '\"paid twice\"'",
        "' ', ''",
    })
    void leavesOutASpaceThatATokenBringsBeforeASpan(String token, String written) {
        ConstraintState state = before(SPAN, token);
        assertThat(state.allows(TOKEN)).isTrue();
        assertThat(new String(state.written(TOKEN), StandardCharsets.UTF_8)).isEqualTo(written);
        assertThat(state.mask().allows(TOKEN)).isTrue();
        ConstraintState after = state.accept(TOKEN);
        assertThat(after.allows(' ' + 1)).isFalse();
        assertThat(after.acceptText(after.shortestCompletion()).complete()).isTrue();
    }

    @Test
    void leavesOutTheSpaceBeforeEachOfTheSpansOfAToken() {
        String schema = "{\"type\":\"array\",\"minItems\":2,\"items\":" + SPAN + "}";
        ConstraintState state = before(schema, " paid\",\" twice", "[\"");
        assertThat(new String(state.written(TOKEN), StandardCharsets.UTF_8))
                .isEqualTo("paid\",\"twice");
        assertThat(state.accept(TOKEN).acceptText("\"]").complete()).isTrue();
    }

    @Test
    void leavesOutTheSpaceWhereTheSpanIsOneOfSeveralValues() {
        String object =
                "{\"type\":\"object\",\"required\":[\"a\",%1$s],\"properties\":{\"a\":%2$s,%1$s:%2$s}}";
        String schema =
                "{\"anyOf\":["
                        + String.format(object, "\"b\"", SPAN)
                        + ","
                        + String.format(object, "\"c\"", SPAN)
                        + "]}";
        ConstraintState state = before(schema, " paid", "{\"a\":\"");
        assertThat(new String(state.written(TOKEN), StandardCharsets.UTF_8)).isEqualTo("paid");
        assertThat(state.accept(TOKEN).acceptText("\",\"c\":\"I\"}").complete()).isTrue();
    }

    @Test
    void saysThatATokenIsNotAllowed() {
        ConstraintState state = before(SPAN, "owed");
        assertThat(state.allows(TOKEN)).isFalse();
        assertThatThrownBy(() -> state.written(TOKEN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("owed");
    }

    @Test
    void writesASpaceThatIsPartOfAnotherValue() {
        String schema = "{\"anyOf\":[" + SPAN + ",{\"const\":\" paid twice\"}]}";
        ConstraintState state = before(schema, " paid twice");
        assertThat(new String(state.written(TOKEN), StandardCharsets.UTF_8))
                .isEqualTo(" paid twice");
    }

    /** Where a token comes next that may begin with the quote. */
    private static ConstraintState before(String schema, String token) {
        return before(schema, token, token.startsWith("\"") ? "" : "\"");
    }

    private static ConstraintState before(String schema, String token, String output) {
        TokenVocabulary vocabulary =
                Vocabularies.of(List.of(token.getBytes(StandardCharsets.UTF_8)));
        return JsonConstraint.compile(schema, vocabulary).start("I paid twice").acceptText(output);
    }

    @Test
    void readsALongRecord() {
        String source = "On Monday she paid €45.50 for her \"new\" card. ".repeat(2_000);
        ConstraintState state = value(SPAN, source).acceptText("\"");
        assertThat(state.mask().cardinality()).isPositive();
        assertThat(allows(state, "Monday she paid\"}")).isTrue();
    }
}
