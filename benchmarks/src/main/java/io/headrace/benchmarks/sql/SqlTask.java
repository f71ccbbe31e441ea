package io.headrace.benchmarks.sql;

import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Extract;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.Task;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;

/** A task of the comparison, as both roads have it. */
enum SqlTask {
    CLASSIFY,
    EXTRACT,
    SUMMARIZE;

    static final List<String> FIELDS = List.of("product", "order_number", "customer_name");
    private static final List<String> LABELS =
            List.of("order_status", "lost_card", "praise", "invoice_request", "login_problem");
    private static final int SUMMARY_TOKENS = 30;
    private static final int ANSWER_TOKENS = 80;

    /** Name of the model, which its prompts show. */
    static final String NAME = "answer";

    Task task() {
        return switch (this) {
            case CLASSIFY -> new Classify(NAME, LABELS.stream().map(Label::of).toList(), 0);
            case EXTRACT -> new Extract(NAME, schema(), false, ANSWER_TOKENS);
            case SUMMARIZE -> new Summarize(NAME, SUMMARY_TOKENS);
        };
    }

    /** The same task as options of {@code CREATE MODEL}. */
    String options() {
        return switch (this) {
            case CLASSIFY -> "'task' = 'classify', 'labels' = '" + String.join(";", LABELS) + "'";
            case EXTRACT -> "'task' = 'extract', 'max-tokens' = '" + ANSWER_TOKENS + "'";
            case SUMMARIZE -> "'task' = 'summarize', 'max-tokens' = '" + SUMMARY_TOKENS + "'";
        };
    }

    String output() {
        return switch (this) {
            case CLASSIFY -> "label STRING, probability DOUBLE";
            case EXTRACT ->
                    FIELDS.stream()
                            .map(field -> field + " STRING")
                            .collect(Collectors.joining(", "));
            case SUMMARIZE -> "summary STRING";
        };
    }

    private static Schema schema() {
        SchemaBuilder.FieldAssembler<Schema> record = SchemaBuilder.record(NAME).fields();
        FIELDS.forEach(field -> record.name(field).type().nullable().stringType().noDefault());
        return record.endRecord();
    }
}
