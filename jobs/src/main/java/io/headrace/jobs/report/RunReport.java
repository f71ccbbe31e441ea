package io.headrace.jobs.report;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a run did. A part that is empty is left out of the page.
 *
 * @param title what ran
 * @param subtitle on what
 * @param figures the figures at the top, in order
 * @param throughput records that ended, by the second since the start
 * @param latencies records by milliseconds
 * @param latencyMeans what these milliseconds measure
 * @param labels results by task and class
 * @param confidence results by task and tenth of probability, from 0
 * @param calibration groups of results by probability
 * @param failures records by reason
 */
public record RunReport(
        String title,
        String subtitle,
        Map<String, String> figures,
        SortedMap<Long, Long> throughput,
        SortedMap<Long, Long> latencies,
        String latencyMeans,
        Map<String, Map<String, Long>> labels,
        Map<String, List<Long>> confidence,
        List<Calibrated> calibration,
        Map<String, Long> failures) {

    /** Parts of an interval from 0 to 1 that probabilities are counted in. */
    public static final int TENTHS = 10;

    /** Results of similar probability, and how many of them were right. */
    public record Calibrated(double meanProbability, double accuracy, long results) {}

    /** The tenth that a probability falls into. */
    public static int tenth(double probability) {
        return Math.min(TENTHS - 1, (int) (probability * TENTHS));
    }
}
