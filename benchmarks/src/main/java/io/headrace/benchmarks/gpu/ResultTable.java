package io.headrace.benchmarks.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;

/** The results as a table in Markdown. */
final class ResultTable {

    private ResultTable() {}

    static String of(JsonNode report) {
        StringBuilder text = new StringBuilder();
        text.append(
                """
                | model | work | records/s | rows/s | tokens written/s | engine / bare loop | in Java | GPU busy | GPU memory, MiB |
                |---|---|---|---|---|---|---|---|---|
                """);
        for (Map.Entry<String, JsonNode> model : report.path("models").properties()) {
            for (Map.Entry<String, JsonNode> work :
                    model.getValue().path("workloads").properties()) {
                JsonNode row = work.getValue();
                text.append("| ")
                        .append(model.getKey())
                        .append(" | ")
                        .append(work.getKey())
                        .append(number(row, "recordsPerSecond", "%.1f", 1))
                        .append(number(row, "rowsPerSecond", "%.0f", 1))
                        .append(number(row, "outputTokensPerSecond", "%.0f", 1))
                        .append(number(row, "engineToBareLoop", "%.2f", 1))
                        .append(number(row, "javaShare", "%.1f %%", 100))
                        .append(number(row, "gpuBusyShare", "%.0f %%", 100))
                        .append(number(row, "gpuMemoryMebibytes", "%.0f", 1))
                        .append(" |\n");
            }
        }
        for (Map.Entry<String, JsonNode> model : report.path("models").properties()) {
            if (model.getValue().has("classifyToTwoCores")) {
                text.append(
                        String.format(
                                Locale.ROOT,
                                "%nclassify, %s: %.1f times two cores (%s)%n",
                                model.getKey(),
                                model.getValue().get("classifyToTwoCores").asDouble(),
                                model.getValue().get("twoCoreEngine").asText()));
            }
        }
        JsonNode agreement = report.path("agreement");
        if (agreement.isObject()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%nagreement with the processor: %d of %d classes, %d of %d extractions%n",
                            agreement.path("sameClasses").asInt(),
                            agreement.path("messages").asInt(),
                            agreement.path("sameFields").asInt(),
                            agreement.path("messages").asInt()));
        }
        return text.toString();
    }

    private static String number(JsonNode row, String name, String format, double factor) {
        return " | "
                + (row.has(name)
                        ? String.format(Locale.ROOT, format, factor * row.get(name).asDouble())
                        : "");
    }
}
