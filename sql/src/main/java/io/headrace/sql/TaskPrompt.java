package io.headrace.sql;

import io.headrace.operators.TaskAsker;
import io.headrace.operators.task.Task;

/** A task that is ready to be put on texts. */
record TaskPrompt(Task task, TaskAsker asker) {}
