package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.schemas.TaskField;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;

/**
 * Keeps one summary for each key and renews it with each of the key's records: the result of a
 * record is the summary up to it.
 *
 * <p>Steps are those of a summary of {@link #text}, which the caller makes of the summary so far
 * and the record; outside of a keyed stream a record has nothing before it.
 *
 * @param summary length and wording
 * @param timeToLive how long a key without records keeps its summary
 */
public record RunningSummary(Summarize summary, Duration timeToLive) implements Task {

    /** A week. */
    public static final Duration DEFAULT_TIME_TO_LIVE = Duration.ofDays(7);

    public RunningSummary {
        Objects.requireNonNull(summary, "summary");
        if (timeToLive.isNegative() || timeToLive.isZero()) {
            throw new IllegalArgumentException(
                    "task '" + summary.name() + "': timeToLive must be positive: " + timeToLive);
        }
    }

    /** With the default instruction, kept for a week. */
    public RunningSummary(String name, int maxTokens) {
        this(new Summarize(name, maxTokens), DEFAULT_TIME_TO_LIVE);
    }

    @Override
    public String name() {
        return summary.name();
    }

    @Override
    public String instruction() {
        return summary.instruction();
    }

    /** Not part of the instruction, so that nobody's own wording leaves it out. */
    @Override
    public String details() {
        return PromptTexts.running();
    }

    /**
     * What the model is to summarize.
     *
     * @param before the summary up to the record; empty for the first
     * @param text the record's text
     */
    public String text(String before, String text) {
        return before.isEmpty() ? text : PromptTexts.continued(before, text);
    }

    @Override
    public Step step(String text, List<InferenceResult.Completed> answers, PromptBudget budget) {
        return summary.step(text, answers, budget);
    }

    @Override
    public TaskField field() {
        return new TaskField(
                name(),
                Schema.create(Schema.Type.STRING),
                "Summary of the key's records up to this one in at most "
                        + summary.maxTokens()
                        + " tokens.");
    }

    @Override
    public Object toAvro(TaskResult result) {
        return summary.toAvro(result);
    }
}
