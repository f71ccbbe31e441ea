package io.headrace.inference.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StringLanguageTest {

    private static boolean accepts(Term term, byte[] bytes) {
        Term at = term;
        for (byte value : bytes) {
            at = at == null ? null : at.derive(value & 0xff, SpanSource.NONE);
        }
        return at != null && at.nullable();
    }

    private static Term any(int least, int most) {
        return StringTerm.of(StringLanguage.of(List.of(), least, most));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void acceptsEachCharacterOnceRawOrEscaped() {
        Term term = any(1, 1);
        for (int point = 0; point <= Character.MAX_CODE_POINT; point += point < 0x3000 ? 1 : 31) {
            boolean surrogate =
                    point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
            if (!surrogate) {
                boolean raw = point >= 0x20 && point != '"' && point != '\\';
                if (accepts(term, utf8("\"" + Character.toString(point) + "\"")) != raw) {
                    fail(String.format("U+%04X", point));
                }
            }
        }
        for (char letter = 0; letter < 128; letter++) {
            assertThat(accepts(term, utf8("\"\\" + letter + "\"")))
                    .isEqualTo("\"\\bfnrt".indexOf(letter) >= 0);
        }
    }

    @Test
    void refusesWhatIsNotUtf8() {
        Term term = any(0, 4);
        Random random = new Random(3);
        int[] interesting = {
            0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEE,
            0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF, 'a'
        };
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = new byte[3 + random.nextInt(3)];
            bytes[0] = '"';
            bytes[bytes.length - 1] = '"';
            for (int j = 1; j < bytes.length - 1; j++) {
                bytes[j] = (byte) interesting[random.nextInt(interesting.length)];
            }
            if (accepts(term, bytes) != valid(bytes)) {
                fail(Arrays.toString(bytes));
            }
        }
    }

    private static boolean valid(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "^[A-C]{2}\\d{1,3}$",
                "ab|^c|d$",
                "^(?:a|bc)*$",
                "^(a?b){2,3}c*?$",
                "[^a-c\\d]",
                "^\\w+\\.\\W\\D$",
                "^[\\w-]+$",
                "a.c",
                "^[]$|^$",
                "^\\x41\\u0062[\\]\\\\]?$",
                "^[a\\-c]+$",
                "^é[à-ü]?$"
            })
    void readsPatternsAsJavaDoes(String pattern) {
        StringLanguage language =
                StringLanguage.of(
                        List.of(RegexCompiler.compile(RegexParser.parse(pattern))), 0, 20);
        // An empty class matches nothing in ECMA-262 and is an error in Java.
        Pattern java = Pattern.compile(pattern.replace("[]", "[^\\x{0}-\\x{10FFFF}]"));
        Random random = new Random(9);
        String alphabet = "aabbccdABC0123 .-_\\]éàü\n";
        int accepted = 0;
        for (int i = 0; i < 5_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int left = random.nextInt(8); left > 0; left--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            if (text.toString().endsWith("\n")) {
                continue; // Java's $ also matches before a last newline.
            }
            boolean matches = language.matches(text.toString());
            if (matches != java.matcher(text).find()) {
                fail(text.toString());
            }
            accepted += matches ? 1 : 0;
        }
        assertThat(accepted).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?=a)",
                "(?<n>a)",
                "\\bword",
                "\\1",
                "\\p{L}",
                "a**",
                "a{3,1}",
                "(a",
                "a)",
                "[a",
                "[b-a]",
                "a^b",
                "a$b",
                "(a$)",
                "*a",
                "a{2",
                "\\",
                "[\\d-z]",
                "a{99999}",
                "[a[b]]"
            })
    void refusesOtherPatterns(String pattern) {
        assertThatThrownBy(() -> RegexParser.parse(pattern))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void patternAndLengthHoldTogether() {
        Dfa pairs = RegexCompiler.compile(RegexParser.parse("^(ab)*$"));
        StringLanguage odd = StringLanguage.of(List.of(pairs), 3, 5);
        assertThat(odd.matches("abab")).isTrue();
        assertThat(odd.matches("ab")).isFalse();
        Term term = StringTerm.of(odd);
        assertThat(accepts(term, utf8("\"abab\""))).isTrue();
        Term almost = term;
        for (byte value : utf8("\"abab")) {
            almost = almost.derive(value, SpanSource.NONE);
        }
        assertThat(almost.derive('a', SpanSource.NONE)).as("a dead end").isNull();
        assertThat(StringLanguage.of(List.of(pairs), 3, 3)).isNull();
    }

    @Test
    void datesAreThoseOfTheCalendar() {
        Dfa dfa = StringFormat.of("date").dfa();
        for (int year = 0; year <= 9999; year += year < 2100 ? 1 : 97) {
            for (int month = 0; month <= 13; month++) {
                for (int day = 27; day <= 32; day++) {
                    String text = String.format("%04d-%02d-%02d", year, month, day);
                    assertThat(dfa.matches(text.chars().toArray()))
                            .as(text)
                            .isEqualTo(year > 0 && exists(year, month, day));
                }
            }
        }
        assertThat(dfa.matches("2024-01-00".chars().toArray())).isFalse();
        assertThat(dfa.matches("2024-01-01".chars().toArray())).isTrue();
    }

    private static boolean exists(int year, int month, int day) {
        try {
            LocalDate.of(year, month, day);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    @Test
    void timesHaveAnOffsetThatJavaReads() {
        Dfa dfa = StringFormat.of("date-time").dfa();
        for (String accepted :
                List.of(
                        "2024-02-29T23:59:59Z",
                        "2024-02-29T00:00:00.123456+14:00",
                        "2024-02-29T00:00:00-12:00",
                        "2024-02-29T00:00:00+00:00")) {
            assertThat(dfa.matches(accepted.chars().toArray())).as(accepted).isTrue();
            assertThat(OffsetDateTime.parse(accepted)).isNotNull();
        }
        for (String refused :
                List.of(
                        "2023-02-29T23:59:59Z",
                        "2024-02-29T24:00:00Z",
                        "2024-02-29T23:59:60Z",
                        "2024-02-29T23:59:59",
                        "2024-02-29 23:59:59Z",
                        "2024-02-29T23:59:59+14:30",
                        "2024-02-29T23:59:59-00:00")) {
            assertThat(dfa.matches(refused.chars().toArray())).as(refused).isFalse();
        }
    }

    @Test
    void addressesHaveALocalPartAndADomain() {
        Dfa dfa = StringFormat.of("email").dfa();
        for (String accepted :
                List.of("a@b.de", "first.last+tag@mail-1.example.com", "o_n%x@x--y.co.uk")) {
            assertThat(dfa.matches(accepted.chars().toArray())).as(accepted).isTrue();
        }
        for (String refused :
                List.of(
                        "a@b",
                        "@b.de",
                        "a@.de",
                        ".a@b.de",
                        "a..b@c.de",
                        "a@-b.de",
                        "a@b-.de",
                        "a@b.d",
                        "a b@c.de",
                        "a".repeat(65) + "@b.de",
                        "a@" + "b".repeat(64) + ".de")) {
            assertThat(dfa.matches(refused.chars().toArray())).as(refused).isFalse();
        }
    }
}
