package io.headrace.operators;

import io.headrace.inference.InferenceRequest;
import io.headrace.inference.ServiceClass;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;

/** The requests that put the tasks on a text to the engine. */
final class Questions {

    private final TaskSet tasks;
    private final String systemMessage;
    private final ServiceClass serviceClass;

    Questions(TaskSet tasks, ServiceClass serviceClass) {
        this.tasks = tasks;
        this.systemMessage = tasks.systemMessage();
        this.serviceClass = serviceClass;
    }

    int count() {
        return tasks.size();
    }

    Task task(int index) {
        return tasks.tasks().get(index);
    }

    InferenceRequest request(int index, String text) {
        Task task = task(index);
        return new InferenceRequest(
                tasks.prompt(systemMessage, task, text), task.output(text), serviceClass);
    }
}
