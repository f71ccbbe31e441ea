package io.headrace.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.jobs.demo.Demo;
import io.headrace.jobs.report.ReportPage;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code headrace demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description =
                "Runs the example pipeline on a Kafka broker, a schema registry and a Flink of its"
                        + " own, with generated messages and the bundled model.")
final class DemoCommand implements Callable<Integer> {

    @ParentCommand private HeadraceCommand parent;

    @Option(
            names = "--records",
            description = "Messages to send (default: ${DEFAULT-VALUE}).",
            defaultValue = "200")
    private int records;

    @Option(
            names = "--rate",
            description = "Messages a second, 0 for all at once (default: ${DEFAULT-VALUE}).",
            defaultValue = "10")
    private double rate;

    @Option(names = "--model", description = "A GGUF file instead of the bundled model.")
    private Path model;

    @Option(
            names = "--keep-running",
            description = "Goes on when all messages are back, until Ctrl-C.")
    private boolean keepRunning;

    @Option(
            names = "--report",
            description = "Where the report goes, an HTML file (default: target/demo.html).")
    private Path report;

    @Option(names = "--json", description = "Prints the figures as one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        Terminal terminal = new Terminal(json);
        Demo.Outcome outcome =
                new Demo(
                                new Demo.DemoOptions(
                                        parent.home(),
                                        records,
                                        rate,
                                        Optional.ofNullable(model),
                                        keepRunning,
                                        terminal.interactive(),
                                        terminal.width()),
                                terminal.person())
                        .run();
        Path page = report == null ? parent.home().resolve("target/demo.html") : report;
        ReportPage.write(outcome.report(), page);
        if (json) {
            ObjectNode figures =
                    outcome.summary().toJson(outcome.recordsIn(), outcome.durationMillis());
            figures.put("intentAccuracy", outcome.intentAccuracy());
            terminal.print(figures);
        } else {
            terminal.person().println();
            terminal.person()
                    .print(outcome.summary().toText(outcome.recordsIn(), outcome.durationMillis()));
            terminal.person()
                    .printf(
                            Locale.ROOT,
                            "  %-14s %.1f %% as generated%n",
                            "intent right",
                            100 * outcome.intentAccuracy());
        }
        terminal.person().println("Report: " + page.toAbsolutePath());
        return outcome.summary().ended() == outcome.recordsIn() ? 0 : 1;
    }
}
