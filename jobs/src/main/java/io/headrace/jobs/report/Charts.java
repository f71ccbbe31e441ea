package io.headrace.jobs.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the charts of a report as SVG to stand inside a page. */
final class Charts {

    private static final int WIDTH = 560;
    private static final int HEIGHT = 300;
    private static final Color INK = new Color(0x2f, 0x6f, 0xb5);
    private static final Color PALE = new Color(0xb9, 0xc4, 0xd0);
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 11);

    private static final String NO_FONTS =
            "<p class=\"note\">This Java cannot draw: it finds no fonts. Install fontconfig and a"
                    + " font for the chart.</p>";

    private Charts() {}

    /** A line over numbers. */
    static String line(List<Double> x, List<Double> y, String xTitle, String yTitle) {
        XYChart chart = xy(xTitle, yTitle);
        chart.addSeries(yTitle, x, y)
                .setMarker(SeriesMarkers.NONE)
                .setLineColor(INK)
                .setLineStyle(new BasicStroke(1.6f));
        chart.getStyler().setYAxisMin(0.0);
        return svg(chart);
    }

    /** Bars over names, from left to right. */
    static String bars(List<String> names, List<Long> counts, String xTitle, String yTitle) {
        CategoryChart chart =
                new CategoryChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .xAxisTitle(xTitle)
                        .yAxisTitle(yTitle)
                        .build();
        plain(chart.getStyler());
        chart.getStyler().setAvailableSpaceFill(0.85).setOverlapped(false);
        chart.getStyler().setXAxisLabelRotation(names.size() > 7 ? 40 : 0);
        chart.addSeries(yTitle, names, counts).setFillColor(INK);
        chart.getStyler().setYAxisMin(0.0);
        return svg(chart);
    }

    /** How often what is said to be so probable is right; on the diagonal it is as it says. */
    static String calibration(List<RunReport.Calibrated> groups) {
        XYChart chart = xy("probability", "share right");
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0).setYAxisMax(1.0);
        chart.addSeries("as it says", List.of(0.0, 1.0), List.of(0.0, 1.0))
                .setMarker(SeriesMarkers.NONE)
                .setLineColor(PALE);
        chart.addSeries(
                        "measured",
                        groups.stream().map(RunReport.Calibrated::meanProbability).toList(),
                        groups.stream().map(RunReport.Calibrated::accuracy).toList())
                .setMarker(SeriesMarkers.CIRCLE)
                .setMarkerColor(INK)
                .setLineColor(INK)
                .setLineStyle(new BasicStroke(1.6f));
        return svg(chart);
    }

    private static XYChart xy(String xTitle, String yTitle) {
        XYChart chart =
                new XYChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .xAxisTitle(xTitle)
                        .yAxisTitle(yTitle)
                        .build();
        plain(chart.getStyler());
        return chart;
    }

    private static void plain(AxesChartStyler styler) {
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotBorderVisible(false);
        styler.setPlotGridVerticalLinesVisible(false);
        styler.setPlotGridLinesColor(new Color(0xe3, 0xe7, 0xec));
        styler.setAxisTitleFont(FONT);
        styler.setAxisTickLabelsFont(FONT);
        styler.setLegendVisible(false);
        styler.setChartTitleVisible(false);
        styler.setAxisTicksMarksVisible(false);
        styler.setDecimalPattern("#,##0.##");
    }

    private static String svg(Chart<?, ?> chart) {
        ByteArrayOutputStream drawn = new ByteArrayOutputStream();
        try {
            VectorGraphicsEncoder.saveVectorGraphic(chart, drawn, VectorGraphicsFormat.SVG);
        } catch (IOException e) {
            throw new UncheckedIOException("a chart cannot be drawn", e);
        } catch (InternalError | LinkageError e) {
            // What a Java without fonts throws.
            return NO_FONTS;
        }
        // As a picture of its own: the names inside of several drawings would clash in one page.
        return "<img alt=\"%s over %s\" src=\"data:image/svg+xml;base64,%s\">"
                .formatted(
                        chart.getYAxisTitle(),
                        chart.getXAxisTitle(),
                        Base64.getEncoder().encodeToString(drawn.toByteArray()));
    }

    /** The borders of so many equal parts from 0 to 1, as text. */
    static List<String> tenths() {
        return IntStream.range(0, RunReport.TENTHS)
                .mapToObj(i -> "." + i + "–" + (i == RunReport.TENTHS - 1 ? "1" : "." + (i + 1)))
                .toList();
    }
}
