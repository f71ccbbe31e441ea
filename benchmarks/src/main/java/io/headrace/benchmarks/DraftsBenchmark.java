package io.headrace.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.inference.Backend;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.StepFigures;
import io.headrace.jobs.EnrichmentJob;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.LocalEngineProvider;
import io.headrace.operators.TaskAsker;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * Measures whether prompt-lookup drafts pay: a pipeline's tasks on real messages, with guesses
 * against without, few records at a time. Run as {@code DraftsBenchmark <pipeline.yaml>
 * <messages.jsonl> [records] [rounds]}.
 */
public final class DraftsBenchmark {

    private static final int[] DRAFTS = {1, 3, 7};
    private static final int[] AT_A_TIME = {1, 4};

    private final TaskSet tasks;
    private final List<String> texts;
    private final int rounds;

    private DraftsBenchmark(TaskSet tasks, List<String> texts, int rounds) {
        this.tasks = tasks;
        this.texts = texts;
        this.rounds = rounds;
    }

    public static void main(String[] arguments) throws IOException {
        PipelineFile file = PipelineFile.read(Path.of(arguments[0]));
        int records = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 24;
        int rounds = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 5;
        List<String> texts = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(arguments[1])).subList(0, records)) {
            texts.add(new ObjectMapper().readTree(line).get("text").asText());
        }
        DraftsBenchmark benchmark = new DraftsBenchmark(file.tasks(), texts, rounds);
        EngineOptions options = ((LocalEngineProvider) EnrichmentJob.engine(file)).options();
        for (Backend backend : List.of(Backend.HEADRACE, Backend.LLAMA_CPP)) {
            for (int drafts : DRAFTS) {
                benchmark.compare(options.withBackend(backend), drafts);
            }
        }
    }

    private void compare(EngineOptions options, int drafts) {
        try (InferenceEngine with = Engines.open(options.withDraftTokens(drafts));
                InferenceEngine without = Engines.open(options.withDraftTokens(0))) {
            for (Task task : tasks.tasks()) {
                for (int atATime : task instanceof Classify ? new int[0] : AT_A_TIME) {
                    System.out.printf(
                            Locale.ROOT,
                            "%-9s %-8s %d at a time, %d drafts: ",
                            options.backend().written(),
                            task.name(),
                            atATime,
                            drafts);
                    compare(with, without, task, atATime);
                }
            }
        }
    }

    private void compare(InferenceEngine with, InferenceEngine without, Task task, int atATime) {
        List<String> expected = answers(without, task, atATime);
        List<String> got = answers(with, task, atATime);
        int equal = 0;
        for (int i = 0; i < got.size(); i++) {
            equal += got.get(i).equals(expected.get(i)) ? 1 : 0;
        }
        List<Time> drafting = new ArrayList<>();
        List<Time> plain = new ArrayList<>();
        StepFigures before = with.stats().figures();
        long steps = with.stats().steps();
        for (int round = 0; round < rounds; round++) {
            plain.add(Time.of(() -> answers(without, task, atATime)));
            drafting.add(Time.of(() -> answers(with, task, atATime)));
        }
        StepFigures after = with.stats().figures();
        Time left = Time.median(drafting);
        Time right = Time.median(plain);
        double drafted = after.draftedTokens() - before.draftedTokens();
        System.out.printf(
                Locale.ROOT,
                "times as fast %.2f by the clock, %.2f by processor time; %.0f guesses and %d steps"
                        + " a round, %.0f %% right, %d of %d answers equal%n",
                right.clock() / left.clock(),
                right.processor() / left.processor(),
                drafted / rounds,
                (with.stats().steps() - steps) / rounds,
                100 * (after.acceptedTokens() - before.acceptedTokens()) / drafted,
                equal,
                got.size());
    }

    private List<String> answers(InferenceEngine engine, Task task, int atATime) {
        TaskAsker asker = new TaskAsker(engine, tasks);
        List<String> answers = new ArrayList<>();
        for (int from = 0; from < texts.size(); from += atATime) {
            List<CompletableFuture<TaskAsker.Answer>> asked = new ArrayList<>();
            for (String text : texts.subList(from, Math.min(texts.size(), from + atATime))) {
                asked.add(asker.ask(task, text));
            }
            asked.forEach(each -> answers.add(each.join().result().toString()));
        }
        return answers;
    }
}
