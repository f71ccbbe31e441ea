package io.headrace.jobs.eval;

import io.headrace.jobs.report.RunReport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** How well labels were chosen. */
public final class ClassificationScore {

    /** As in Guo et al., "On Calibration of Modern Neural Networks", 2017. */
    static final int BINS = 15;

    /** Rows whose probability falls into one of equal intervals from 0 to 1. */
    record Bin(int rows, double meanProbability, double accuracy) {}

    private record Row(String gold, String predicted, double probability) {
        boolean right() {
            return gold.equals(predicted);
        }
    }

    private final List<Row> rows = new ArrayList<>();

    /**
     * Counts a row; one without an answer has the empty label and probability 0. A probability of
     * NaN is none, and takes no part in the calibration.
     */
    public void add(String gold, String predicted, double probability) {
        rows.add(new Row(gold, predicted, probability));
    }

    int size() {
        return rows.size();
    }

    /** The share of rows whose label is right. */
    public double accuracy() {
        return share(rows.stream().filter(Row::right).count(), rows.size());
    }

    /** The mean of F1 over all labels that occur as gold. */
    double macroF1() {
        TreeSet<String> labels = new TreeSet<>();
        rows.forEach(row -> labels.add(row.gold()));
        return labels.stream().mapToDouble(this::f1).average().orElse(0);
    }

    private double f1(String label) {
        long right = rows.stream().filter(r -> r.right() && r.gold().equals(label)).count();
        long gold = rows.stream().filter(r -> r.gold().equals(label)).count();
        long predicted = rows.stream().filter(r -> r.predicted().equals(label)).count();
        return gold + predicted == 0 ? 0 : 2.0 * right / (gold + predicted);
    }

    /**
     * The mean distance of probability and accuracy over the bins, weighted by rows; NaN where no
     * row has a probability.
     */
    double expectedCalibrationError() {
        double error = 0;
        long count = 0;
        for (Bin bin : bins()) {
            error += bin.rows() * Math.abs(bin.meanProbability() - bin.accuracy());
            count += bin.rows();
        }
        return count == 0 ? Double.NaN : error / count;
    }

    /** The rows by probability, those of abstentions as the least probable. */
    List<Bin> bins() {
        List<Bin> bins = new ArrayList<>();
        for (int i = 0; i < BINS; i++) {
            int bin = i;
            List<Row> mine =
                    rows.stream()
                            .filter(row -> !Double.isNaN(row.probability()))
                            .filter(row -> binOf(row) == bin)
                            .toList();
            bins.add(
                    new Bin(
                            mine.size(),
                            mine.stream().mapToDouble(Row::probability).average().orElse(0),
                            share(mine.stream().filter(Row::right).count(), mine.size())));
        }
        return Collections.unmodifiableList(bins);
    }

    /** The bins that have rows, for a report. */
    public List<RunReport.Calibrated> calibration() {
        return bins().stream()
                .filter(bin -> bin.rows() > 0)
                .map(
                        bin ->
                                new RunReport.Calibrated(
                                        bin.meanProbability(), bin.accuracy(), bin.rows()))
                .toList();
    }

    private static int binOf(Row row) {
        return Math.min(BINS - 1, (int) (row.probability() * BINS));
    }

    /** How often each gold label was predicted as each label. */
    Map<String, Map<String, Integer>> confusion() {
        Map<String, Map<String, Integer>> table = new TreeMap<>();
        for (Row row : rows) {
            table.computeIfAbsent(row.gold(), label -> new TreeMap<>())
                    .merge(row.predicted(), 1, Integer::sum);
        }
        return table;
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
