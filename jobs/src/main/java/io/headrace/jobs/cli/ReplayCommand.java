package io.headrace.jobs.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.connectors.Replay;
import io.headrace.connectors.ReplayFilter;
import io.headrace.jobs.DeadLetters;
import io.headrace.jobs.pipeline.PipelineFile;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code headrace replay}. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Sends dead letters back to the topics that they came from.",
            "",
            "Each letter is sent back once: what was sent is marked in the dead-letter topic. The"
                    + " header headrace.replays of a record counts how often it was sent back."
        })
final class ReplayCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE", description = "The pipeline file.")
    private Path file;

    @Option(
            names = "--stage",
            split = ",",
            description = "Only letters of these stages: DECODE, RENDER, INFER, CONVERT, ENCODE.")
    private Set<String> stages = Set.of();

    @Option(
            names = "--error",
            split = ",",
            description = "Only letters of these error classes, for instance Timeout.")
    private Set<String> errors = Set.of();

    @Option(
            names = "--since",
            description = "Only records that failed at this time (2026-01-31 or in ISO) or later.")
    private String since;

    @Option(names = "--until", description = "Only records that failed before this time.")
    private String until;

    @Option(
            names = "--max-failures",
            defaultValue = "3",
            description =
                    "Records that have failed so often stay where they are."
                            + " Default: ${DEFAULT-VALUE}.")
    private int maxFailures;

    @Option(names = "--dry-run", description = "Says what would be sent, and sends nothing.")
    private boolean dryRun;

    @Option(names = "--json", description = "Prints the figures as one JSON object.")
    private boolean json;

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() {
        ReplayFilter filter = filter();
        Replay.Report report = new DeadLetters(PipelineFile.read(file)).replay(filter, dryRun);
        Terminal terminal = new Terminal(json);
        if (json) {
            terminal.print(toJson(report));
        }
        terminal.person()
                .printf(
                        "%d dead letters, %d of them sent back before; %d selected, %d of them stay"
                                + " after %d failures; %s %d%n",
                        report.letters(),
                        report.sentBefore(),
                        report.selected(),
                        report.exhausted(),
                        maxFailures,
                        dryRun ? "would send" : "sent",
                        report.sent());
        if (report.unsendable() > 0) {
            terminal.person()
                    .printf(
                            "%d stay since parts of their records were left out, or since their"
                                    + " topic takes no records of their size%n",
                            report.unsendable());
        }
        if (report.unreadable() > 0) {
            terminal.person()
                    .printf("%d records in the topic are no dead letters%n", report.unreadable());
        }
        return CommandLine.ExitCode.OK;
    }

    private ReplayFilter filter() {
        try {
            return new ReplayFilter(
                    stages,
                    errors,
                    since == null ? Long.MIN_VALUE : time("--since", since),
                    until == null ? Long.MAX_VALUE : time("--until", until),
                    maxFailures);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static long time(String option, String text) {
        return PositionText.time(text)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        option
                                                + " needs a time like 2026-01-31 or"
                                                + " 2026-01-31T08:00:00Z, not '"
                                                + text
                                                + "'"));
    }

    private ObjectNode toJson(Replay.Report report) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("letters", report.letters())
                .put("sentBefore", report.sentBefore())
                .put("selected", report.selected())
                .put("exhausted", report.exhausted())
                .put("unsendable", report.unsendable())
                .put("sent", report.sent())
                .put("unreadable", report.unreadable())
                .put("dryRun", dryRun);
    }
}
