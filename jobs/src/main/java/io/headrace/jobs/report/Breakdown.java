package io.headrace.jobs.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Results and failures of a run by kind. Used by one thread. */
public final class Breakdown implements ResultCount {

    private final Map<String, Map<String, Long>> labels = new TreeMap<>();
    private final Map<String, List<Long>> confidence = new TreeMap<>();
    private final Map<String, Long> failures = new TreeMap<>();

    /** Counts results of a task with a class. */
    public void label(String task, String label, long results) {
        labels.computeIfAbsent(task, it -> new TreeMap<>()).merge(label, results, Long::sum);
    }

    /** Counts results of a task whose probability is in a tenth. */
    public void confidence(String task, int tenth, long results) {
        List<Long> tenths =
                confidence.computeIfAbsent(
                        task, it -> new ArrayList<>(Collections.nCopies(RunReport.TENTHS, 0L)));
        tenths.set(tenth, tenths.get(tenth) + results);
    }

    /** Counts records without results. */
    public void failure(String reason, long records) {
        failures.merge(reason, records, Long::sum);
    }

    @Override
    public void label(String task, String label) {
        label(task, label, 1);
    }

    @Override
    public void confidence(String task, int tenth) {
        confidence(task, tenth, 1);
    }

    /** Results by task and class. */
    public Map<String, Map<String, Long>> labels() {
        return labels;
    }

    /** Results by task and tenth of probability. */
    public Map<String, List<Long>> confidence() {
        return confidence;
    }

    /** Records by reason. */
    public Map<String, Long> failures() {
        return failures;
    }
}
