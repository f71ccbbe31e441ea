package io.headrace.inference.constraint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A mask comes from a bounded copy of a state, from shared steps and short cuts. It must say what
 * the exact state says when it is asked token by token.
 */
class MaskAgreementTest {

    private static final String SOURCE = "The café said \"no\": 12,50 € to O'Neil,\n日本 😀 ok";

    private static List<byte[]> longTokens() {
        List<byte[]> tokens = new ArrayList<>();
        for (String text :
                List.of(
                        "a".repeat(12),
                        " ".repeat(30),
                        "é".repeat(7),
                        "\",\"".repeat(3),
                        "1,1,1,1",
                        "],[1],[1",
                        "abab",
                        "ab\"}",
                        "a",
                        "a",
                        "日本語\"",
                        "café said \\\"no",
                        "no\\\": 12,",
                        "\"The ")) {
            tokens.add(text.getBytes(UTF_8));
        }
        return tokens;
    }

    private static void agrees(TokenVocabulary vocabulary, ConstraintState state) {
        TokenMask mask = state.mask();
        for (int token = 0; token < vocabulary.size(); token++) {
            boolean accepted;
            try {
                state.accept(token);
                accepted = true;
            } catch (IllegalArgumentException e) {
                accepted = false;
            }
            if (mask.allows(token) != accepted) {
                fail(token + ": " + new String(vocabulary.bytes(token), UTF_8));
            }
        }
        assertThat(mask.isEmpty()).isEqualTo(state.complete());
    }

    @Test
    void theMaskOfARandomStateAllowsExactlyWhatIsAccepted() {
        TokenVocabulary merged = IndexedVocabulary.of(Vocabularies.merged(800, 11));
        TokenVocabulary longer = IndexedVocabulary.of(Vocabularies.of(longTokens()));
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            ObjectNode schema = RandomSchemas.nextWithSpans(random);
            TokenVocabulary vocabulary = seed % 2 == 0 ? merged : longer;
            ConstraintState state =
                    JsonConstraint.compile(schema.toString(), vocabulary).start(SOURCE);
            try {
                for (int step = 0; step < 25 && !state.complete(); step++) {
                    if (random.nextInt(4) == 0) {
                        agrees(vocabulary, state);
                    }
                    state = state.accept(any(state.mask(), random));
                }
                agrees(vocabulary, state);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ", schema " + schema, e);
            }
        }
    }

    private static int any(TokenMask mask, Random random) {
        List<Integer> tokens = new ArrayList<>();
        mask.forEach(tokens::add);
        return tokens.get(random.nextInt(tokens.size()));
    }

    @Test
    void theMaskNearEachLimitAllowsExactlyWhatIsAccepted() {
        TokenVocabulary vocabulary = IndexedVocabulary.of(Vocabularies.of(longTokens()));
        for (String schema :
                List.of(
                        "{\"type\":\"string\",\"minLength\":40,\"maxLength\":80}",
                        "{\"type\":\"string\",\"pattern\":\"^(ab)*$\",\"minLength\":40,\"maxLength\":81}",
                        "{\"type\":\"string\",\"pattern\":\"^(a|é)*$\",\"maxLength\":81}")) {
            JsonConstraint constraint = JsonConstraint.compile(schema, vocabulary);
            ConstraintState state = constraint.start("").acceptText("\"");
            for (int length = 0; length <= 80; length++) {
                agrees(vocabulary, state);
                if (length < 80) {
                    state =
                            state.acceptText(
                                    schema.contains("(ab)") && length % 2 == 1 ? "b" : "a");
                }
            }
        }
        String numbers =
                "{\"type\":\"array\",\"items\":{\"const\":1},\"minItems\":9,\"maxItems\":14}";
        for (String schema :
                List.of(
                        numbers,
                        "{\"type\":\"array\",\"items\":"
                                + "{\"type\":\"array\",\"items\":{\"const\":1},\"maxItems\":3},"
                                + "\"minItems\":9,\"maxItems\":14}",
                        "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":9,\"maxItems\":14}")) {
            String item = schema.equals(numbers) ? "1" : schema.contains("const") ? "[1]" : "\"a\"";
            ConstraintState state =
                    JsonConstraint.compile(schema, vocabulary).start("").acceptText("[");
            for (int items = 1; items <= 14; items++) {
                agrees(vocabulary, state);
                state = state.acceptText(items == 1 ? item : "," + item);
                agrees(vocabulary, state);
            }
            assertThat(state.forcedText()).isEqualTo("]");
        }
    }
}
