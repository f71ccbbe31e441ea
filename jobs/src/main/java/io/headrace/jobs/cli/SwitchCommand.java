package io.headrace.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.jobs.ControlTopic;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.ModelVersion;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code headrace switch}. */
@Command(
        name = "switch",
        mixinStandardHelpOptions = true,
        description = {
            "Tells a running job to change its models or tasks, through its control topic.",
            "",
            "The message is a merge patch on the pipeline file that the job was started with, for"
                    + " instance '{model: {path: /models/v2.gguf}}'; {} goes back to the file. What"
                    + " the job cannot load it refuses, and goes on as it is."
        })
final class SwitchCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "FILE", description = "The pipeline file.")
    private Path file;

    @Parameters(
            index = "1",
            paramLabel = "MESSAGE",
            description = "What changes, in YAML or JSON; - reads it from standard input.")
    private String message;

    @Option(names = "--dry-run", description = "Checks the message, and sends nothing.")
    private boolean dryRun;

    @Override
    public Integer call() throws Exception {
        ControlTopic topic = ControlTopic.of(PipelineFile.read(file));
        String text = message.equals("-") ? new String(System.in.readAllBytes(), UTF_8) : message;
        ModelVersion version = topic.check(text);
        if (!dryRun) {
            topic.send(text);
        }
        new Terminal(false)
                .person()
                .println(
                        (dryRun ? "would be sent to " : "sent to ")
                                + topic.name()
                                + ": tasks of version "
                                + version.tasks().version()
                                + "; the job says in its log, and in provenance, when they are in"
                                + " force");
        return CommandLine.ExitCode.OK;
    }
}
