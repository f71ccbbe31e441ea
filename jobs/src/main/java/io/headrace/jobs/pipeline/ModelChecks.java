package io.headrace.jobs.pipeline;

import java.nio.file.Path;

/**
 * Refuses tasks that the models of the file cannot do.
 *
 * @param path the file
 */
record ModelChecks(Path path, Pipeline pipeline) {

    void check() {
        for (TaskSpec task : pipeline.tasks()) {
            if (task.cascade() != null) {
                requireModel(task);
            }
            Remote remote = pipeline.model().remote();
            if (remote != null && !remote.logprobs()) {
                requireNoProbability(task);
            }
        }
    }

    private void requireModel(TaskSpec task) {
        String name = task.cascade().model();
        if (!pipeline.models().containsKey(name)) {
            throw refusal(
                    task,
                    "cascade.model: models has no '"
                            + name
                            + "'; it has "
                            + pipeline.models().keySet().stream().sorted().toList());
        }
    }

    /** Anthropic's API gives none, and others none that are not asked for. */
    private void requireNoProbability(TaskSpec task) {
        String why = " needs probabilities, which model.remote does not give";
        if (task.cascade() != null) {
            throw refusal(task, "a cascade" + why);
        }
        if (task.classify() != null && task.classify().abstainBelow() > 0) {
            throw refusal(task, "abstainBelow" + why);
        }
    }

    private PipelineFileException refusal(TaskSpec task, String what) {
        return new PipelineFileException(path + ": task '" + task.name() + "': " + what);
    }
}
