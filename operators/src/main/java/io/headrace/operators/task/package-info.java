/** What the model is asked for: the tasks, their prompts and their typed results. */
package io.headrace.operators.task;
