package io.headrace.sql;

import io.headrace.inference.InferenceRequest;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;

/** A task with the system message that all its rows share. */
record TaskPrompt(TaskSet tasks, Task task, String systemMessage) {

    static TaskPrompt of(Task task) {
        TaskSet tasks = TaskSet.of(task);
        return new TaskPrompt(tasks, task, tasks.systemMessage());
    }

    InferenceRequest on(String text) {
        return new InferenceRequest(tasks.prompt(systemMessage, task, text), task.output(text));
    }
}
