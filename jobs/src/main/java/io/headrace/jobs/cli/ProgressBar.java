package io.headrace.jobs.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows how far a run is, how fast, and how long the rest will take: on a terminal as one line that
 * is written over, elsewhere as a line now and then. Used by one thread.
 */
final class ProgressBar {

    private static final int WIDTH = 30;
    private static final long LINE_NANOS = Duration.ofSeconds(10).toNanos();

    private final PrintStream out;
    private final boolean interactive;
    private final long total;
    private final LongSupplier nanoTime;
    private long startNanos;
    private long startDone = -1;
    private long lastLineNanos;
    private int written;

    /**
     * Creates the bar.
     *
     * @param total records to come, about
     */
    ProgressBar(PrintStream out, boolean interactive, long total, LongSupplier nanoTime) {
        this.out = out;
        this.interactive = interactive;
        this.total = total;
        this.nanoTime = nanoTime;
    }

    /** Shows that so many are done; the rate counts from the first call. */
    void show(long done) {
        long now = nanoTime.getAsLong();
        if (startDone < 0) {
            startDone = done;
            startNanos = now;
            lastLineNanos = now - LINE_NANOS;
        }
        if (interactive) {
            String line = line(done, now);
            out.print("\r" + line + " ".repeat(Math.max(0, written - line.length())));
            out.flush();
            written = line.length();
        } else if (now - lastLineNanos >= LINE_NANOS) {
            lastLineNanos = now;
            out.println(line(done, now));
        }
    }

    /** Leaves the line. */
    void end() {
        if (written > 0) {
            out.println();
        }
    }

    private String line(long done, long now) {
        int filled = total == 0 ? WIDTH : (int) (WIDTH * Math.min(done, total) / total);
        return String.format(
                Locale.ROOT,
                "[%s%s] %,d of about %,d%s",
                "#".repeat(filled),
                " ".repeat(WIDTH - filled),
                done,
                total,
                rate(done, now));
    }

    private String rate(long done, long now) {
        double seconds = (now - startNanos) / 1e9;
        if (done == startDone || seconds <= 0) {
            return "";
        }
        double perSecond = (done - startDone) / seconds;
        long left = Math.round(Math.max(0, total - done) / perSecond);
        return String.format(
                Locale.ROOT,
                " · %,.1f records/s · %s left",
                perSecond,
                left < 60 ? left + " s" : left / 60 + " min " + left % 60 + " s");
    }
}
