package io.headrace.jobs.demo;

import java.io.PrintStream;
import java.time.LocalDate;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * Shows enriched records as they come, a few each second, and how far the demo is. Used by one
 * thread.
 */
final class LiveTable {

    private static final long ROW_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final String ROW = "%-8s %-17s %5s  %-44s %s%n";

    private final PrintStream out;
    private final boolean terminal;
    private final int width;
    private final int total;
    private long nextRowNanos;
    private boolean headed;

    /**
     * Creates the table.
     *
     * @param terminal whether a line may be written over
     * @param total records to come
     */
    LiveTable(PrintStream out, boolean terminal, int width, int total) {
        this.out = out;
        this.terminal = terminal;
        this.width = width;
        this.total = total;
    }

    void show(GenericRecord enriched, long ended, long nanos) {
        if (nanos >= nextRowNanos) {
            nextRowNanos = nanos + ROW_NANOS;
            row(enriched);
        }
        progress(ended);
    }

    private void row(GenericRecord enriched) {
        if (!headed) {
            headed = true;
            out.printf(Locale.ROOT, ROW, "customer", "intent", "p", "fields", "summary");
        }
        clearLine();
        String label = "(abstained)";
        String probability = "";
        if (enriched.get("intent") instanceof GenericRecord intent) {
            label = intent.get("label").toString();
            probability = String.format(Locale.ROOT, "%.2f", (Double) intent.get("probability"));
        }
        out.printf(
                Locale.ROOT,
                ROW,
                cut(text(enriched.get("customer_id")), 8),
                cut(label, 17),
                probability,
                cut(fields(enriched.get("fields")), 44),
                cut(text(enriched.get("summary")), Math.max(20, width - 80)));
    }

    /** Writes how far the demo is, over the last such line. */
    void progress(long ended) {
        if (terminal) {
            int filled = total == 0 ? 0 : (int) (30 * Math.min(ended, total) / total);
            out.printf(
                    Locale.ROOT,
                    "\r[%s%s] %d of %d",
                    "#".repeat(filled),
                    " ".repeat(30 - filled),
                    ended,
                    total);
            out.flush();
        }
    }

    void end() {
        if (terminal) {
            out.println();
        }
    }

    private void clearLine() {
        if (terminal) {
            out.print("\r" + " ".repeat(Math.min(width - 1, 60)) + "\r");
        }
    }

    private static String fields(Object value) {
        if (!(value instanceof GenericRecord record)) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        record.getSchema()
                .getFields()
                .forEach(
                        field -> {
                            Object found = record.get(field.pos());
                            if (found != null) {
                                text.append(text.isEmpty() ? "" : ", ")
                                        .append(field.name())
                                        .append('=')
                                        .append(readable(field, found));
                            }
                        });
        return text.toString();
    }

    private static Object readable(Schema.Field field, Object value) {
        boolean date =
                field.schema().getTypes().stream()
                        .anyMatch(type -> type.getLogicalType() instanceof LogicalTypes.Date);
        return date ? LocalDate.ofEpochDay((Integer) value) : value;
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString().replace('\n', ' ');
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }
}
