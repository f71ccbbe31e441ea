package io.headrace.jobs;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ServiceClass;
import io.headrace.operators.task.ResultConversionException;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Puts tasks on texts to an engine without Flink, with the prompts of the job. Thread-safe. */
public final class TaskAsker {

    /**
     * What came back.
     *
     * @param raw how the engine ended the request
     * @param result the typed result, if there is one
     * @param failure why there is none
     */
    public record Answer(
            InferenceResult raw, Optional<TaskResult> result, Optional<String> failure) {}

    private final InferenceEngine engine;
    private final TaskSet tasks;
    private final String systemMessage;

    public TaskAsker(InferenceEngine engine, TaskSet tasks) {
        this.engine = engine;
        this.tasks = tasks;
        this.systemMessage = tasks.systemMessage();
    }

    /** Puts one task on a text to the engine. */
    public CompletableFuture<Answer> ask(Task task, String text) {
        InferenceRequest request =
                new InferenceRequest(
                        tasks.prompt(systemMessage, task, text),
                        task.output(text),
                        ServiceClass.LIVE);
        return engine.submit(request).toCompletableFuture().thenApply(raw -> answer(task, raw));
    }

    private static Answer answer(Task task, InferenceResult raw) {
        if (raw instanceof InferenceResult.Completed completed) {
            try {
                return new Answer(raw, Optional.of(task.result(completed)), Optional.empty());
            } catch (ResultConversionException e) {
                return new Answer(raw, Optional.empty(), Optional.of(e.getMessage()));
            }
        }
        String reason =
                raw instanceof InferenceResult.Rejected rejected
                        ? rejected.reason()
                        : raw instanceof InferenceResult.Failed failed
                                ? failed.reason()
                                : "the request was cancelled";
        return new Answer(raw, Optional.empty(), Optional.of(reason));
    }
}
