package io.headrace.operators;

import io.headrace.inference.InferenceRequest;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import io.headrace.inference.ServiceClass;
import io.headrace.operators.task.Question;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts the questions of a task set to an engine in its words. */
final class Questions {

    /** For counting the tokens of a prompt, which do not depend on what comes after it. */
    private static final Output NO_OUTPUT = new Output.Text(1, List.of(), Sampling.GREEDY);

    private final TaskSet tasks;
    private final String systemMessage;
    private final Map<String, String> ownMessages = new HashMap<>();
    private final ServiceClass serviceClass;

    Questions(TaskSet tasks, ServiceClass serviceClass) {
        this.tasks = tasks;
        this.systemMessage = tasks.systemMessage();
        this.serviceClass = serviceClass;
        for (Task task : tasks.tasks()) {
            ownMessages.put(task.name(), TaskSet.of(task).systemMessage());
        }
    }

    int taskCount() {
        return tasks.size();
    }

    Task task(int index) {
        return tasks.tasks().get(index);
    }

    InferenceRequest request(Task task, Question question, Responder responder) {
        String system = responder.oneTaskPrompts() ? ownMessages.get(task.name()) : systemMessage;
        InferenceRequest request =
                new InferenceRequest(
                        tasks.prompt(system, task, question), question.output(), serviceClass);
        return responder.second() // Adapters are the first model's.
                ? request
                : tasks.adapter(task).map(request::withAdapter).orElse(request);
    }

    /** The tokens of the prompt that puts a task on a text. */
    int promptTokens(Task task, String text, Responder responder) {
        return responder
                .engine()
                .countPromptTokens(request(task, new Question(text, "", NO_OUTPUT), responder));
    }
}
