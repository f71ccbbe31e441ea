package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import io.headrace.schemas.TaskField;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;

/**
 * Writes a short summary of a record.
 *
 * <p>A text that is longer than the model's context is split on sentence borders; its parts are
 * summarized all at once, and their summaries again, in as many rounds as it takes.
 *
 * @param name name of the task
 * @param instruction what the model is told
 * @param maxTokens the most tokens of the summary
 * @param maxSentences the most sentences; further ones are dropped. 0 sets no limit
 */
public record Summarize(String name, String instruction, int maxTokens, int maxSentences)
        implements Task {

    /** English text has about three words to four tokens. */
    private static final double WORDS_PER_TOKEN = 0.75;

    public Summarize {
        TaskNames.require(name);
        Objects.requireNonNull(instruction, "instruction");
        if (maxTokens < 1) {
            throw new IllegalArgumentException(
                    "task '" + name + "': maxTokens must be at least 1, not " + maxTokens);
        }
        if (maxSentences < 0) {
            throw new IllegalArgumentException(
                    "task '" + name + "': maxSentences must not be negative: " + maxSentences);
        }
    }

    /** With an instruction of one's own and no limit of sentences. */
    public Summarize(String name, String instruction, int maxTokens) {
        this(name, instruction, maxTokens, 0);
    }

    /** With the default instruction, which names the length in words. */
    public Summarize(String name, int maxTokens) {
        this(name, maxTokens, 0, "", "");
    }

    /**
     * With the default instruction for a length, a style and a language.
     *
     * @param style for instance "for a support agent"; may be empty
     * @param language for instance "German"; may be empty, which leaves it to the model
     */
    public Summarize(String name, int maxTokens, int maxSentences, String style, String language) {
        this(
                name,
                PromptTexts.summarize(
                        (int) Math.max(1, maxTokens * WORDS_PER_TOKEN),
                        maxSentences,
                        style,
                        language),
                maxTokens,
                maxSentences);
    }

    @Override
    public String details() {
        return "";
    }

    @Override
    public Step step(String text, List<InferenceResult.Completed> answers, PromptBudget budget) {
        if (answers.size() == 1) { // Of several parts there would be several.
            return done(answers.get(0));
        }
        List<String> parts = split(text, budget);
        int from = 0;
        while (answers.size() >= from + parts.size()) {
            List<InferenceResult.Completed> round = answers.subList(from, from + parts.size());
            if (parts.size() == 1) {
                return done(round.get(0));
            }
            from += parts.size();
            parts = split(joined(round), budget);
        }
        return new Step.Ask(parts.stream().map(this::question).toList());
    }

    private Step.Done done(InferenceResult.Completed answer) {
        return new Step.Done(new TaskResult.Summarized(shortened(Answers.text(answer).strip())));
    }

    private Question question(String part) {
        return new Question(part, "", new Output.Text(maxTokens, List.of(), Sampling.GREEDY));
    }

    private List<String> split(String text, PromptBudget budget) {
        int room = budget.contextTokens() - maxTokens;
        if (budget.promptTokens(question(text)) <= room) {
            return List.of(text);
        }
        requireRoom(budget);
        return TextChunks.split(text, part -> budget.promptTokens(question(part)) <= room);
    }

    /** Rounds come to an end only if a part has room for several summaries. */
    private void requireRoom(PromptBudget budget) {
        int room = budget.contextTokens() - maxTokens - budget.promptTokens(question(""));
        if (room < 3 * maxTokens) {
            throw new ResultConversionException(
                    "summaries of "
                            + maxTokens
                            + " tokens need a larger context than "
                            + budget.contextTokens()
                            + " tokens beside the instructions; raise model.contextTokens");
        }
    }

    private static String joined(List<InferenceResult.Completed> answers) {
        List<String> texts = new ArrayList<>();
        answers.forEach(answer -> texts.add(Answers.text(answer).strip()));
        return String.join("\n", texts);
    }

    private String shortened(String summary) {
        if (maxSentences == 0) {
            return summary;
        }
        List<String> sentences = TextChunks.sentences(summary);
        return String.join("", sentences.subList(0, Math.min(maxSentences, sentences.size())))
                .strip();
    }

    @Override
    public TaskField field() {
        return new TaskField(
                name,
                Schema.create(Schema.Type.STRING),
                "Summary of the record in at most " + maxTokens + " tokens.");
    }

    @Override
    public Object toAvro(TaskResult result) {
        return ((TaskResult.Summarized) result).text();
    }
}
