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
                requireModelOfItsOwn(task);
            }
            Remote remote = pipeline.model().remote();
            if (remote != null && !remote.logprobs()) {
                requireNoProbability(task);
            }
            if (remote != null) {
                requireNames(task);
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

    /** Models with one account: what they spend could not be told apart. */
    private void requireModelOfItsOwn(TaskSpec task) {
        String name = task.cascade().model();
        Pipeline.Model second = pipeline.models().get(name);
        if (sharesAccount(pipeline.model(), second)) {
            throw refusal(
                    task,
                    "cascade.model: '"
                            + name
                            + "' is what 'model' names already, the same model of the same server;"
                            + " a second model must be another one");
        }
        for (TaskSpec other : pipeline.tasks()) {
            if (other.cascade() != null && pipeline.models().containsKey(other.cascade().model())) {
                Pipeline.Model model = pipeline.models().get(other.cascade().model());
                if (!model.equals(second) && sharesAccount(model, second)) {
                    throw refusal(
                            task,
                            "cascade.model: '"
                                    + name
                                    + "' and '"
                                    + other.cascade().model()
                                    + "' name the same model of the same server, but differ in keys,"
                                    + " rates, prices or budgets; make them one");
                }
            }
        }
    }

    private static boolean sharesAccount(Pipeline.Model one, Pipeline.Model other) {
        return one.remote() != null
                && other.remote() != null
                && one.remote().sharesAccount(other.remote());
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

    /** Servers know schemas of arrays with equal items only. */
    private void requireNames(TaskSpec task) {
        if (task.extract() != null && task.extract().layout() == TaskSpec.Extract.Layout.COMPACT) {
            throw refusal(
                    task,
                    "extract.layout: compact is for models in the slot; leave it out with"
                            + " model.remote");
        }
    }

    private PipelineFileException refusal(TaskSpec task, String what) {
        return new PipelineFileException(path + ": task '" + task.name() + "': " + what);
    }
}
