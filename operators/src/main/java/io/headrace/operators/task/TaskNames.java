package io.headrace.operators.task;

/** The rule that names of tasks follow: they become Avro fields. */
final class TaskNames {

    private TaskNames() {}

    static void require(String name) {
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            throw new IllegalArgumentException(
                    "task name '"
                            + name
                            + "' must begin with a letter and hold only letters, digits and"
                            + " underscores, since it becomes a field of the output");
        }
    }
}
