package io.headrace.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final AtomicLong nanos = new AtomicLong();

    private ProgressBar bar(boolean interactive, long total) {
        return new ProgressBar(new PrintStream(bytes, true, UTF_8), interactive, total, nanos::get);
    }

    private void pass(int seconds) {
        nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    private String last() {
        String text = bytes.toString(UTF_8).stripTrailing();
        return text.substring(1 + Math.max(text.lastIndexOf('\r'), text.lastIndexOf('\n')));
    }

    @Test
    void showsShareRateAndTimeLeftOnOneLine() {
        ProgressBar bar = bar(true, 3_000);
        bar.show(0);
        pass(10);
        bar.show(1_000);
        assertThat(last())
                .isEqualTo(
                        "[##########                    ] 1,000 of about 3,000 · 100.0 records/s ·"
                                + " 20 s left");
        assertThat(bytes.toString(UTF_8)).doesNotContain("\n");
    }

    @Test
    void countsTheRateFromWhereARunWentOn() {
        ProgressBar bar = bar(true, 10_000);
        bar.show(9_000);
        pass(5);
        bar.show(9_010);
        assertThat(last()).endsWith("· 2.0 records/s · 8 min 15 s left");
    }

    @Test
    void writesALineNowAndThenWhereLinesCannotBeWrittenOver() {
        ProgressBar bar = bar(false, 100);
        for (int second = 0; second <= 20; second++) {
            bar.show(second);
            pass(1);
        }
        assertThat(bytes.toString(UTF_8).lines()).hasSize(3);
    }

    @Test
    void isFullWhereThereIsNothingToDo() {
        bar(true, 0).show(0);
        assertThat(last()).startsWith("[##############################] 0 of about 0");
    }
}
