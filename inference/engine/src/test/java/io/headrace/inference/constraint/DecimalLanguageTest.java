package io.headrace.inference.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecimalLanguageTest {

    private static boolean matches(Dfa dfa, String text) {
        return dfa != null && dfa.matches(text.chars().toArray());
    }

    private static boolean within(DecimalLanguage range, BigDecimal value) {
        int low = value.compareTo(range.low());
        int high = value.compareTo(range.high());
        return (low > 0 || (low == 0 && range.lowIncluded()))
                && (high < 0 || (high == 0 && range.highIncluded()));
    }

    @Test
    void holdsExactlyTheIntegersOfARange() {
        Random random = new Random(5);
        for (int i = 0; i < 150; i++) {
            int low = random.nextInt(2400) - 1200;
            int high = low + random.nextInt(i % 3 == 0 ? 5 : 1500);
            DecimalLanguage range =
                    new DecimalLanguage(
                            BigDecimal.valueOf(low),
                            random.nextBoolean(),
                            BigDecimal.valueOf(high),
                            random.nextBoolean(),
                            0);
            Dfa dfa = range.compile();
            for (int value = -3000; value <= 3000; value++) {
                if (matches(dfa, Integer.toString(value))
                        != within(range, BigDecimal.valueOf(value))) {
                    fail(value + " in " + range);
                }
            }
        }
    }

    @Test
    void holdsExactlyTheDecimalsOfARange() {
        Random random = new Random(6);
        List<String> literals = literals();
        for (int i = 0; i < 150; i++) {
            BigDecimal low = BigDecimal.valueOf(random.nextInt(4000) - 2000, random.nextInt(4));
            BigDecimal high = low.add(BigDecimal.valueOf(random.nextInt(3000), random.nextInt(4)));
            DecimalLanguage range =
                    new DecimalLanguage(
                            low.signum() == 0 ? BigDecimal.ZERO : low,
                            random.nextBoolean(),
                            high.signum() == 0 ? BigDecimal.ZERO : high,
                            random.nextBoolean(),
                            2);
            Dfa dfa = range.compile();
            for (String literal : literals) {
                if (matches(dfa, literal) != within(range, new BigDecimal(literal))) {
                    fail(literal + " in " + range);
                }
            }
        }
    }

    /** All literals of up to two digits before and after the point, and some longer ones. */
    private static List<String> literals() {
        List<String> literals = new ArrayList<>();
        for (int whole = 0; whole < 130; whole += whole < 25 ? 1 : 7) {
            for (int fraction = -1; fraction < 110; fraction++) {
                String text = Integer.toString(whole);
                if (fraction >= 100) {
                    text += "." + (fraction - 100);
                } else if (fraction >= 0) {
                    text += String.format(".%02d", fraction);
                }
                literals.add(text);
                if (new BigDecimal(text).signum() != 0) {
                    literals.add("-" + text);
                }
            }
        }
        for (int whole : new int[] {999, 1000, 1001, 1999, 2000, 2001, 4999, 5000}) {
            literals.add(Integer.toString(whole));
            literals.add("-" + whole);
            literals.add(whole + ".01");
        }
        return literals;
    }

    @Test
    void writesNoLeadingZerosNoExponentsNoNegativeZero() {
        Dfa dfa =
                new DecimalLanguage(
                                BigDecimal.valueOf(-100), true, BigDecimal.valueOf(1000), true, 3)
                        .compile();
        for (String refused :
                List.of(
                        "", "-", "00", "01", "-0", "-0.0", "1.", ".5", "1e2", "+1", "1.2345",
                        "-01")) {
            assertThat(matches(dfa, refused)).as(refused).isFalse();
        }
        for (String accepted : List.of("0", "0.000", "-0.001", "-100.000", "1000.0", "10")) {
            assertThat(matches(dfa, accepted)).as(accepted).isTrue();
        }
    }

    @Test
    void isExactFarBeyondTheRangeOfDoubles() {
        BigDecimal bound = new BigDecimal("9223372036854775807");
        Dfa dfa = new DecimalLanguage(bound.negate(), false, bound, true, 0).compile();
        assertThat(matches(dfa, "9223372036854775807")).isTrue();
        assertThat(matches(dfa, "9223372036854775808")).isFalse();
        assertThat(matches(dfa, "-9223372036854775807")).isFalse();
        assertThat(matches(dfa, "-9223372036854775806")).isTrue();
    }

    @Test
    void isNullWithoutANumber() {
        assertThat(new DecimalLanguage(BigDecimal.ONE, false, BigDecimal.ONE, true, 2).compile())
                .isNull();
        assertThat(
                        new DecimalLanguage(
                                        new BigDecimal("1.2"), true, new BigDecimal("1.8"), true, 0)
                                .compile())
                .isNull();
    }
}
