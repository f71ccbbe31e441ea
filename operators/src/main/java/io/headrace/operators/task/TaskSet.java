package io.headrace.operators.task;

import io.headrace.inference.Prompt;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tasks that are done on each record, with the prompts that put them to the model.
 *
 * <p>All tasks stand in one system message, and the record comes before the name of the task. So
 * all records share the instructions, and all tasks of a record share the record: the engine
 * computes each shared part once.
 *
 * @param tasks at least one, with distinct names
 * @param adapters the LoRA adapters that tasks are done with, by the tasks' names; a task without
 *     one is done with the model as it is
 */
public record TaskSet(List<Task> tasks, Map<String, String> adapters) implements Serializable {

    private static final int VERSION_BYTES = 6;

    public TaskSet {
        tasks = List.copyOf(tasks);
        adapters = Map.copyOf(adapters);
        if (tasks.isEmpty()) {
            throw new IllegalArgumentException("there is no task to do");
        }
        Set<String> names = new HashSet<>();
        for (Task task : tasks) {
            if (!names.add(task.name())) {
                throw new IllegalArgumentException("two tasks are named '" + task.name() + "'");
            }
        }
    }

    /** Tasks without adapters. */
    public TaskSet(List<Task> tasks) {
        this(tasks, Map.of());
    }

    public static TaskSet of(Task... tasks) {
        return new TaskSet(List.of(tasks));
    }

    /** The name of the adapter that a task is done with, if any. */
    public Optional<String> adapter(Task task) {
        return Optional.ofNullable(adapters.get(task.name()));
    }

    public int size() {
        return tasks.size();
    }

    /** The system message that all records and tasks share. */
    public String systemMessage() {
        StringBuilder message = new StringBuilder(PromptTexts.introduction());
        for (Task task : tasks) {
            message.append("\n\nTask ").append(task.name()).append(": ").append(task.instruction());
            if (!task.details().isEmpty()) {
                message.append('\n').append(task.details());
            }
        }
        return message.toString();
    }

    /**
     * The prompt that puts a task's question to the model. The text stands in a fence, and cannot
     * close it: fences written inside the text lose their form.
     */
    public Prompt prompt(String systemMessage, Task task, Question question) {
        String fenced =
                question.text()
                        .replace("<message>", "< message>")
                        .replace("</message>", "</ message>");
        String before = "<message>\n";
        String after = "\n</message>\n\nTask: " + task.name();
        return new Prompt(
                systemMessage,
                question.suffix().isEmpty()
                        ? List.of(before, fenced, after)
                        : List.of(before, fenced, after, question.suffix()));
    }

    /**
     * A digest of everything that the results depend on besides text and model: prompts, labels,
     * schemas, thresholds and limits. Changes exactly when one of them does.
     */
    public String version() {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(systemMessage().getBytes(StandardCharsets.UTF_8));
            for (Task task : tasks) {
                sha.update((byte) 0);
                sha.update(task.toString().getBytes(StandardCharsets.UTF_8));
                adapter(task).ifPresent(name -> sha.update(name.getBytes(StandardCharsets.UTF_8)));
            }
            return HexFormat.of().formatHex(sha.digest(), 0, VERSION_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
