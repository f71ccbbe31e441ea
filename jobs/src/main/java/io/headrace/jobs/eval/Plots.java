package io.headrace.jobs.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;

/** Draws scores as PNG or SVG, by the file's name. */
final class Plots {

    private static final int SMALLEST = 700;
    private static final int PIXELS_PER_LABEL = 24;

    private Plots() {}

    static void confusion(ClassificationScore score, Path file) {
        Map<String, Map<String, Integer>> table = score.confusion();
        TreeSet<String> names = new TreeSet<>(table.keySet());
        table.values().forEach(row -> names.addAll(row.keySet()));
        List<String> labels = List.copyOf(names);
        int[][] cells = new int[labels.size()][labels.size()];
        for (int x = 0; x < labels.size(); x++) {
            for (int y = 0; y < labels.size(); y++) {
                cells[x][y] =
                        table.getOrDefault(labels.get(y), Map.of()).getOrDefault(labels.get(x), 0);
            }
        }
        int size = Math.max(SMALLEST, 300 + PIXELS_PER_LABEL * labels.size());
        HeatMapChart chart =
                new HeatMapChartBuilder()
                        .title("Confusion")
                        .xAxisTitle("predicted")
                        .yAxisTitle("gold")
                        .width(size)
                        .height(size)
                        .build();
        chart.getStyler().setXAxisLabelRotation(90);
        chart.addSeries("rows", indices(labels), indices(labels), cells);
        chart.setCustomXAxisTickLabelsFormatter(value -> label(labels, value));
        chart.setCustomYAxisTickLabelsFormatter(value -> label(labels, value));
        save(chart, file);
    }

    private static int[] indices(List<String> labels) {
        int[] indices = new int[labels.size()];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = i;
        }
        return indices;
    }

    private static String label(List<String> labels, double value) {
        int index = (int) Math.round(value);
        return index >= 0 && index < labels.size() ? labels.get(index) : "";
    }

    static void calibration(ClassificationScore score, Path file) {
        List<Double> probabilities = new ArrayList<>();
        List<Double> accuracies = new ArrayList<>();
        for (ClassificationScore.Bin bin : score.bins()) {
            if (bin.rows() > 0) {
                probabilities.add(bin.meanProbability());
                accuracies.add(bin.accuracy());
            }
        }
        XYChart chart =
                new XYChartBuilder()
                        .title("Calibration")
                        .xAxisTitle("probability")
                        .yAxisTitle("accuracy")
                        .width(SMALLEST)
                        .height(SMALLEST)
                        .build();
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0).setYAxisMax(1.0);
        chart.addSeries("ideal", List.of(0.0, 1.0), List.of(0.0, 1.0));
        chart.addSeries("measured", probabilities, accuracies);
        save(chart, file);
    }

    /** Accuracy, share and cost over the threshold; the cost as a share of the greatest. */
    static void cascade(List<CascadeCurve.Point> points, Path file) {
        List<Double> below = points.stream().map(CascadeCurve.Point::below).toList();
        double dearest =
                points.stream().mapToDouble(CascadeCurve.Point::costPerThousand).max().orElse(0);
        XYChart chart =
                new XYChartBuilder()
                        .title("Cascade")
                        .xAxisTitle("asked again below this confidence")
                        .yAxisTitle("share")
                        .width(SMALLEST)
                        .height(SMALLEST)
                        .build();
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0).setYAxisMax(1.0);
        chart.getStyler().setMarkerSize(0);
        chart.addSeries(
                "accuracy", below, points.stream().map(CascadeCurve.Point::accuracy).toList());
        chart.addSeries(
                "asked again", below, points.stream().map(CascadeCurve.Point::askedAgain).toList());
        if (dearest > 0) {
            chart.addSeries(
                    String.format(Locale.ROOT, "cost (1 = %.4f per 1000)", dearest),
                    below,
                    points.stream().map(point -> point.costPerThousand() / dearest).toList());
        }
        save(chart, file);
    }

    private static void save(Chart<?, ?> chart, Path file) {
        try {
            if (file.toString().toLowerCase(Locale.ROOT).endsWith(".svg")) {
                VectorGraphicsEncoder.saveVectorGraphic(
                        chart, file.toString(), VectorGraphicsEncoder.VectorGraphicsFormat.SVG);
            } else {
                BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
