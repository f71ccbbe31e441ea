package io.headrace.jobs.cli;

import io.headrace.connectors.EndPosition;
import io.headrace.jobs.EnrichmentJob;
import io.headrace.jobs.LocalFlink;
import io.headrace.jobs.Preflight;
import io.headrace.jobs.pipeline.PipelineFile;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.flink.core.execution.JobClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code headrace run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Runs a pipeline in a local Flink with its web page, until Ctrl-C.")
final class RunCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE", description = "The pipeline file.")
    private Path file;

    @Override
    public Integer call() throws Exception {
        PipelineFile pipeline = PipelineFile.read(file);
        Preflight.of(pipeline).check();
        Integer parallelism = pipeline.pipeline().job().parallelism();
        try (LocalFlink flink = LocalFlink.start(parallelism == null ? 1 : parallelism)) {
            new EnrichmentJob(pipeline).addTo(flink.environment(), new EndPosition.Unbounded());
            JobClient job = flink.environment().executeAsync(pipeline.pipeline().name());
            new Terminal(false)
                    .person()
                    .printf(
                            "Running %s; Flink's page is %s; './headrace watch %s' shows records,"
                                    + " results and prompts; Ctrl-C ends it.%n",
                            pipeline.pipeline().name(), flink.webUrl(), file);
            job.getJobExecutionResult().get();
        }
        return 0;
    }
}
