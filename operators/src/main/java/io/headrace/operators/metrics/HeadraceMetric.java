package io.headrace.operators.metrics;

import static io.headrace.operators.metrics.HeadraceMetric.Kind.COUNTER;
import static io.headrace.operators.metrics.HeadraceMetric.Kind.GAUGE;
import static io.headrace.operators.metrics.HeadraceMetric.Kind.HISTOGRAM;
import static io.headrace.operators.metrics.HeadraceMetric.Kind.METER;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Every metric that Headrace registers with Flink. {@code docs/metrics.md} is made of it,
 * dashboards and alerts are checked against it.
 *
 * <p>A new one goes here first; {@link MetricScope} registers nothing else. Labels must have few
 * values: tasks, classes, models, kinds of failure, and never anything out of a record.
 */
public enum HeadraceMetric {
    RECORDS_IN("recordsIn", COUNTER, "records", "Records that came to the operator."),
    RECORDS_OUT("recordsOut", COUNTER, "records", "Records that left with results."),
    DEAD_LETTERS("deadLetters", COUNTER, "records", "Records that left without results."),
    FAILURES(
            "failures",
            COUNTER,
            "records",
            "The same by stage and class of the failure; at most 20 classes, then `other`.",
            "stage",
            "error"),
    WRITTEN_DEAD_LETTERS(
            "writtenDeadLetters",
            COUNTER,
            "records",
            "Dead letters of the whole job: decoding, rendering and encoding included.",
            "stage",
            "error"),
    RESULTS(
            "results",
            COUNTER,
            "results",
            "Results by task and class; `abstained`, or `answered` for tasks without classes; at"
                    + " most 50 classes of a task, then `other`.",
            "task",
            "label"),
    CACHE_HITS("cacheHits", COUNTER, "records", "Records answered from the result cache."),
    RETRIES("retries", COUNTER, "attempts", "Attempts after the first."),
    VERSION(
            "version",
            GAUGE,
            "number",
            "The control message whose version is in force; 0 is the pipeline file's."),
    VERSION_SWITCHES(
            "versionSwitches",
            COUNTER,
            "versions",
            "Versions of the control topic that came into force; the same in all subtasks."),
    VERSIONS_REFUSED(
            "versionsRefused",
            COUNTER,
            "versions",
            "Versions of the control topic that were refused; the same in all subtasks."),
    PROMPT_TOKENS("promptTokens", COUNTER, "tokens", "Prompt tokens of answered requests."),
    CACHED_TOKENS(
            "cachedTokens", COUNTER, "tokens", "Those of them that the prefix cache already held."),
    OUTPUT_TOKENS("outputTokens", COUNTER, "tokens", "Tokens generated, forced or scored."),
    PROMPT_TOKENS_PER_SECOND(
            "promptTokensPerSecond", METER, "tokens/s", "Prompt tokens over the last minute."),
    OUTPUT_TOKENS_PER_SECOND(
            "outputTokensPerSecond", METER, "tokens/s", "Output tokens over the last minute."),
    RECORD_MILLIS(
            "recordMillis",
            HISTOGRAM,
            "ms",
            "From a record's arrival in the operator to its departure, cache hits included."),
    QUEUE_MILLIS("queueMillis", HISTOGRAM, "ms", "How long requests waited for a place in a step."),
    COMPUTE_MILLIS(
            "computeMillis", HISTOGRAM, "ms", "From that place to the answer, by task.", "task"),
    SLOW_RECORDS(
            "slowRecords",
            COUNTER,
            "records",
            "Records that took longer than `headrace.metrics.slow-record`."),
    RECORDS_IN_FLIGHT("recordsInFlight", GAUGE, "records", "Records in the operator now."),
    TOKENS_IN_FLIGHT("tokensInFlight", GAUGE, "tokens", "Their prompt tokens."),
    ENGINE_OPEN_MILLIS(
            "engineOpenMillis",
            GAUGE,
            "ms",
            "How long the subtask waited for its engine; the first one of a process loads the"
                    + " model.",
            "model"),
    REQUESTS_COMPLETED(
            "requestsCompleted", GAUGE, "requests", "Requests answered since the start.", "model"),
    REQUESTS_REJECTED(
            "requestsRejected", GAUGE, "requests", "Requests refused since the start.", "model"),
    REQUESTS_FAILED(
            "requestsFailed", GAUGE, "requests", "Requests failed since the start.", "model"),
    REQUESTS_CANCELLED(
            "requestsCancelled", GAUGE, "requests", "Requests given up since the start.", "model"),
    REQUESTS_WAITING(
            "requestsWaiting", GAUGE, "requests", "Requests in the engine's queue now.", "model"),
    SEQUENCES_RUNNING(
            "sequencesRunning", GAUGE, "sequences", "Sequences being computed now.", "model"),
    PREFIX_HIT_RATE(
            "prefixHitRate",
            GAUGE,
            "0 to 1",
            "Share of prompt tokens that the prefix cache held, since the start.",
            "model"),
    STEPS("steps", GAUGE, "steps", "Calls of the model since the start.", "model"),
    STEP_SECONDS("stepSeconds", GAUGE, "s", "Time in them.", "model"),
    JAVA_SECONDS("javaSeconds", GAUGE, "s", "Time of the engine's thread between them.", "model"),
    STEP_MILLIS_P50(
            "stepMillisP50", GAUGE, "ms", "Time of a step, median of the last 256.", "model"),
    STEP_MILLIS_P95("stepMillisP95", GAUGE, "ms", "The same, 95 %.", "model"),
    STEP_MILLIS_P99("stepMillisP99", GAUGE, "ms", "The same, 99 %.", "model"),
    ROWS_PER_STEP("rowsPerStep", GAUGE, "rows", "Mean number of token rows in a step.", "model"),
    BATCH_OCCUPANCY(
            "batchOccupancy",
            GAUGE,
            "0 to 1",
            "The same as a share of the most rows of a step.",
            "model"),
    MASKS(
            "masks",
            GAUGE,
            "masks",
            "How often a constraint said which tokens may follow, since the start.",
            "model"),
    MASK_SECONDS("maskSeconds", GAUGE, "s", "Time for that.", "model"),
    KV_CELLS_USED("kvCellsUsed", GAUGE, "cells", "Cells of the KV cache in use.", "model"),
    KV_CELLS("kvCells", GAUGE, "cells", "Cells of the KV cache.", "model"),
    RESIDENT_BYTES(
            "residentBytes",
            GAUGE,
            "bytes",
            "Memory of the process that computes, native memory and mapped weights included.",
            "model"),
    MODEL_ANSWERS("modelAnswers", GAUGE, "answers", "Answers of the model.", "model"),
    MODEL_SHARE("modelShare", GAUGE, "0 to 1", "Their share of all answers.", "model"),
    MODEL_PROMPT_TOKENS(
            "modelPromptTokens", GAUGE, "tokens", "Prompt tokens of these answers.", "model"),
    MODEL_CACHED_TOKENS(
            "modelCachedTokens",
            GAUGE,
            "tokens",
            "Those of them that a prefix cache already held.",
            "model"),
    MODEL_OUTPUT_TOKENS(
            "modelOutputTokens", GAUGE, "tokens", "Output tokens of these answers.", "model"),
    MODEL_COST(
            "modelCost", GAUGE, "money", "What they cost, in the currency of the prices.", "model"),
    MODEL_REFERENCE_COST(
            "modelReferenceCost",
            GAUGE,
            "money",
            "What the same tokens cost at `referencePrice`.",
            "model");

    /** What can be asked of a metric. */
    public enum Kind {
        /** A number that grows while the task runs. */
        COUNTER,
        /** Events in a second. */
        METER,
        /** A number as it is now. */
        GAUGE,
        /** Quantiles of the last values. */
        HISTOGRAM
    }

    /** What Flink's Prometheus reporter puts before the names of metrics of operators. */
    private static final String PROMETHEUS_SCOPE = "flink_taskmanager_job_task_operator_headrace_";

    private final String metricName;
    private final Kind kind;
    private final String unit;
    private final String help;
    private final String commaSeparatedLabels;

    HeadraceMetric(String metricName, Kind kind, String unit, String help, String... labels) {
        this.metricName = metricName;
        this.kind = kind;
        this.unit = unit;
        this.help = help;
        this.commaSeparatedLabels = String.join(",", labels);
    }

    /** The name within its group. */
    public String metricName() {
        return metricName;
    }

    public Kind kind() {
        return kind;
    }

    public String unit() {
        return unit;
    }

    /** What it says, as a sentence of Markdown. */
    public String help() {
        return help;
    }

    /** Names of the groups that it is divided by, beyond Flink's own. */
    public List<String> labels() {
        return commaSeparatedLabels.isEmpty()
                ? List.of()
                : List.of(commaSeparatedLabels.split(","));
    }

    /** The name that Flink's Prometheus reporter gives it. */
    public String prometheusName() {
        return labels().stream()
                .map(label -> label + "_")
                .collect(Collectors.joining("", PROMETHEUS_SCOPE, metricName));
    }
}
