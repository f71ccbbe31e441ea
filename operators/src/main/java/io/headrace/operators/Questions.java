package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.ServiceClass;
import io.headrace.operators.task.PromptBudget;
import io.headrace.operators.task.Question;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;

/** Puts the questions of a task set to the engine in its words. */
final class Questions {

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
