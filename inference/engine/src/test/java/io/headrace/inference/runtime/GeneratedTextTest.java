package io.headrace.inference.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeneratedTextTest {

    private static GeneratedText stoppedBy(String... stop) {
        return new GeneratedText(
                Arrays.stream(stop).map(each -> each.getBytes(StandardCharsets.UTF_8)).toList());
    }

    private static boolean append(GeneratedText text, String more) {
        return text.append(more.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void endsBeforeAStopTextThatComesInSeveralTokens() {
        GeneratedText text = stoppedBy("END", "###");
        assertThat(append(text, "one E")).isFalse();
        assertThat(append(text, "N")).isFalse();
        assertThat(append(text, "D two")).isTrue();
        assertThat(text).hasToString("one ");
    }

    @Test
    void endsBeforeTheFirstOfSeveralStopTexts() {
        GeneratedText text = stoppedBy("later", "now");
        assertThat(append(text, "stop now, not later")).isTrue();
        assertThat(text).hasToString("stop ");
    }

    @Test
    void goesOnWhereAStopTextOnlyBegins() {
        GeneratedText text = stoppedBy("END");
        assertThat(append(text, "EN")).isFalse();
        assertThat(append(text, "TER")).isFalse();
        assertThat(text).hasToString("ENTER");
    }

    @Test
    void leavesOutACharacterThatIsNotWhole() {
        byte[] bytes = "caf\u00e9".getBytes(StandardCharsets.UTF_8);
        GeneratedText text = new GeneratedText(List.of());
        text.append(Arrays.copyOf(bytes, bytes.length - 1));
        assertThat(text).hasToString("caf");
        text.append(new byte[] {bytes[bytes.length - 1]});
        assertThat(text).hasToString("caf\u00e9");
    }

    @Test
    void growsBeyondItsFirstRoom() {
        GeneratedText text = stoppedBy("Z");
        for (int i = 0; i < 100; i++) {
            assertThat(append(text, "0123456789")).isFalse();
        }
        assertThat(append(text, "ABCZ")).isTrue();
        assertThat(text.toString()).hasSize(1003).endsWith("9ABC");
    }
}
