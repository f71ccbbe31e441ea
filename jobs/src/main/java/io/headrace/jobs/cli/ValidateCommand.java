package io.headrace.jobs.cli;

import io.headrace.jobs.Preflight;
import io.headrace.jobs.pipeline.PipelineFile;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code headrace validate}. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        description = "Checks a pipeline file, its model, its topics and its schemas.")
final class ValidateCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE", description = "The pipeline file.")
    private Path file;

    @Override
    public Integer call() {
        PipelineFile pipeline = PipelineFile.read(file);
        Preflight.of(pipeline).check();
        new Terminal(false)
                .person()
                .println(
                        file
                                + " is valid: pipeline "
                                + pipeline.pipeline().name()
                                + ", version "
                                + pipeline.tasks().version()
                                + ", "
                                + pipeline.tasks().size()
                                + " tasks; model, topics and schemas fit");
        return 0;
    }
}
