package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import io.headrace.inference.ServiceClass;
import io.headrace.operators.task.PromptBudget;
import io.headrace.operators.task.Question;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.util.List;

/** Puts the questions of a task set to the engine in its words. */
final class Questions {

    /** For counting the tokens of a prompt, which do not depend on what comes after it. */
    private static final Output NO_OUTPUT = new Output.Text(1, List.of(), Sampling.GREEDY);

    private final TaskSet tasks;
    private final String systemMessage;
    private final ServiceClass serviceClass;

    Questions(TaskSet tasks, ServiceClass serviceClass) {
        this.tasks = tasks;
        this.systemMessage = tasks.systemMessage();
        this.serviceClass = serviceClass;
    }

    int taskCount() {
        return tasks.size();
    }

    Task task(int index) {
        return tasks.tasks().get(index);
    }

    InferenceRequest request(Task task, Question question) {
        InferenceRequest request =
                new InferenceRequest(
                        tasks.prompt(systemMessage, task, question),
                        question.output(),
                        serviceClass);
        return tasks.adapter(task).map(request::withAdapter).orElse(request);
    }

    /** The tokens of the prompt that puts a task on a text. */
    int promptTokens(Task task, String text, InferenceEngine engine) {
        return engine.countPromptTokens(request(task, new Question(text, "", NO_OUTPUT)));
    }

    /** What fits into the engine's context when a task asks. */
    PromptBudget budget(Task task, InferenceEngine engine) {
        int contextTokens = engine.model().contextTokens();
        return new PromptBudget() {
            @Override
            public int contextTokens() {
                return contextTokens;
            }

            @Override
            public int promptTokens(Question question) {
                return engine.countPromptTokens(request(task, question));
            }
        };
    }
}
