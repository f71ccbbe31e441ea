package io.headrace.jobs.cli;

import io.headrace.connectors.TopicRange;
import io.headrace.jobs.Backfill;
import io.headrace.jobs.Preflight;
import io.headrace.jobs.RunFigures;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.Source;
import io.headrace.jobs.report.ReportPage;
import io.headrace.jobs.report.RunReport;
import io.headrace.jobs.report.Throughput;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code headrace backfill}. */
@Command(
        name = "backfill",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a pipeline over a part of its topics' past and ends by itself.",
            "",
            "It has a consumer group and transactions of its own, so the live job may run beside"
                    + " it. Ctrl-C finishes what has been read and ends; --from committed goes on"
                    + " from there."
        })
final class BackfillCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE", description = "The pipeline file.")
    private Path file;

    @Option(
            names = "--from",
            defaultValue = "earliest",
            description =
                    "Where to begin: earliest (the default), committed, a time (2026-01-31 or"
                            + " 2026-01-31T08:00:00Z), or offsets of partitions (0:100,1:250;"
                            + " others from their beginning).")
    private String from;

    @Option(
            names = "--to",
            defaultValue = "latest",
            description =
                    "Where to end: latest (the default: the end at the start), a time, or the"
                            + " offsets before which partitions end (others at their end).")
    private String to;

    @Option(
            names = "--id",
            defaultValue = "backfill",
            description =
                    "Names this backfill; two that run side by side need different ids."
                            + " Default: ${DEFAULT-VALUE}.")
    private String id;

    @Option(
            names = "--state",
            description =
                    "Folder for checkpoints. When a run died, the same command goes on from the"
                            + " newest of them.")
    private Path state;

    @Option(names = "--report", description = "Writes a report with charts: an HTML file.")
    private Path report;

    @Option(names = "--json", description = "Prints the figures as one JSON object.")
    private boolean json;

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PipelineFile pipeline = PipelineFile.read(file);
        Backfill backfill = new Backfill(pipeline, request(pipeline));
        Preflight.of(pipeline).check();
        Terminal terminal = new Terminal(json);
        backfill.run(new Shown(terminal, json, Optional.ofNullable(report), pipeline));
        return CommandLine.ExitCode.OK;
    }

    private Backfill.Request request(PipelineFile pipeline) {
        Optional<String> topic =
                Optional.ofNullable(pipeline.pipeline().source()).map(Source::topic);
        try {
            return new Backfill.Request(
                    id,
                    PositionText.start(from, topic),
                    PositionText.end(to, topic),
                    Optional.ofNullable(state).map(Path::toAbsolutePath));
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** What a person sees. */
    private static final class Shown implements Backfill.Listener {

        private final Terminal terminal;
        private final PrintStream out;
        private final boolean json;
        private final Optional<Path> report;
        private final PipelineFile pipeline;
        private final Throughput throughput = new Throughput(System::nanoTime);
        private long startNanos;
        private ProgressBar bar;

        Shown(Terminal terminal, boolean json, Optional<Path> report, PipelineFile pipeline) {
            this.report = report;
            this.pipeline = pipeline;
            this.terminal = terminal;
            this.out = terminal.person();
            this.json = json;
        }

        @Override
        public void starts(TopicRange range, Optional<Path> checkpoint, String webUrl) {
            startNanos = System.nanoTime();
            checkpoint.ifPresent(path -> out.println("Going on from " + path));
            out.printf("Reading %s; Flink's page is %s%n", range, webUrl);
            bar = new ProgressBar(out, terminal.interactive(), range.size(), System::nanoTime);
        }

        @Override
        public void progress(RunFigures figures) {
            bar.show(figures.ended());
            throughput.total(figures.ended());
        }

        @Override
        public void ended(RunFigures figures, boolean stopped) {
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
            bar.show(figures.ended());
            bar.end();
            if (json) {
                terminal.print(figures.toJson(millis));
            }
            out.print(figures.toText(millis));
            throughput.total(figures.ended());
            report.ifPresent(file -> write(file, figures, millis));
            if (stopped) {
                out.println("Stopped early; --from committed goes on from here.");
            }
        }

        private void write(Path file, RunFigures figures, long millis) {
            ReportPage.write(
                    new RunReport(
                            "Headrace backfill of " + pipeline.pipeline().name(),
                            pipeline.path() + ", " + pipeline.modelName(),
                            figures.toReport(millis),
                            throughput.bySecond(),
                            figures.latencyCounts(),
                            "Wait and computing in the engine, in steps of two digits.",
                            figures.breakdown().labels(),
                            figures.breakdown().confidence(),
                            List.of(),
                            figures.breakdown().failures()),
                    file);
            out.println("Report: " + file.toAbsolutePath());
        }
    }
}
