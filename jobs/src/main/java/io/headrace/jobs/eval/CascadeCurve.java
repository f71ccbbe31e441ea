package io.headrace.jobs.eval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a cascade would give at every threshold, from rows that both models answered. A row is asked
 * again where its confidence is below the threshold, or absent, as in the job.
 */
final class CascadeCurve {

    /** Thresholds are hundredths. */
    private static final int STEPS = 100;

    /**
     * A row.
     *
     * @param confidence of the first answer; NaN where there is none
     * @param firstRight whether the first answer is right
     * @param secondRight whether the second one is
     * @param firstCostNanos money that the first answer cost
     * @param secondCostNanos money that the second one cost besides
     * @param secondTokens tokens of the second one, prompt and output
     */
    record Row(
            double confidence,
            boolean firstRight,
            boolean secondRight,
            long firstCostNanos,
            long secondCostNanos,
            long secondTokens) {}

    /**
     * A threshold.
     *
     * @param below answers of less confidence are asked again
     * @param askedAgain share of rows
     * @param accuracy share of rows whose final answer is right
     * @param costPerThousand money for a thousand rows
     * @param secondTokensPerRow tokens of the second model, over all rows
     */
    record Point(
            double below,
            double askedAgain,
            double accuracy,
            double costPerThousand,
            double secondTokensPerRow) {}

    private final List<Row> rows = new ArrayList<>();

    void add(Row row) {
        rows.add(row);
    }

    /** The thresholds from 0 to 1. At 1 every row but those that are certain is asked again. */
    List<Point> points() {
        List<Point> points = new ArrayList<>();
        for (int step = 0; step <= STEPS; step++) {
            points.add(at(step / (double) STEPS));
        }
        return points;
    }

    Point at(double below) {
        long again = 0;
        long right = 0;
        long costNanos = 0;
        long tokens = 0;
        for (Row row : rows) {
            boolean asks = !(row.confidence() >= below);
            costNanos += row.firstCostNanos();
            if (asks) {
                again++;
                costNanos += row.secondCostNanos();
                tokens += row.secondTokens();
            }
            if (asks ? row.secondRight() : row.firstRight()) {
                right++;
            }
        }
        double count = rows.size();
        return new Point(
                below, again / count, right / count, costNanos / 1e6 / count, tokens / count);
    }

    /** The lowest threshold that reaches an accuracy; the most accurate where none does. */
    Point choose(double accuracy) {
        List<Point> points = points();
        return points.stream()
                .filter(point -> point.accuracy() >= accuracy)
                .findFirst()
                .orElseGet(this::best);
    }

    /** The lowest of the most accurate thresholds. */
    Point best() {
        double most =
                points().stream()
                        .max(Comparator.comparingDouble(Point::accuracy))
                        .orElseThrow()
                        .accuracy();
        return points().stream()
                .filter(point -> point.accuracy() == most)
                .findFirst()
                .orElseThrow();
    }
}
