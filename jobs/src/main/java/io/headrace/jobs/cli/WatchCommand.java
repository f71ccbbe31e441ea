package io.headrace.jobs.cli;

import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.watch.Watch;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code headrace watch}. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = {
            "Serves a page that shows records, results, prompts and dead letters of a job as they"
                    + " come, until Ctrl-C.",
            "",
            "The job may run anywhere: all is read from its topics, and nothing is changed there."
        })
final class WatchCommand implements Callable<Integer> {

    private static final int MOST = 1_000;

    @Parameters(paramLabel = "FILE", description = "The pipeline file.")
    private Path file;

    @Option(
            names = "--port",
            defaultValue = "8090",
            description = "Port of the page; 0 takes one that is free. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description =
                    "Address of the page. With another than the default, whoever reaches it sees"
                            + " what it shows. Default: ${DEFAULT-VALUE}.")
    private String bind;

    @Option(
            names = "--mask-texts",
            description =
                    "Masks what records and models say: only labels, probabilities, failures'"
                            + " classes and provenance are shown.")
    private boolean masksTexts;

    @Option(
            names = "--last",
            defaultValue = "100",
            description =
                    "How many records and how many dead letters are shown. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int last;

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        require(port >= 0 && port <= 65_535, "--port needs a number from 0 to 65535");
        require(last >= 1 && last <= MOST, "--last needs a number from 1 to " + MOST);
        PrintStream out = new Terminal(false).person();
        Watch.Options options = new Watch.Options(address(), masksTexts, last);
        try (Watch watch = Watch.start(PipelineFile.read(file), options)) {
            out.printf("The page is %s; Ctrl-C ends it.%n", watch.url());
            watch.await();
        } catch (BindException e) {
            throw wrong(
                    "port %d at %s cannot be had (%s); choose another with --port, or 0 for any"
                            .formatted(port, bind, e.getMessage()));
        }
        return CommandLine.ExitCode.OK;
    }

    private InetSocketAddress address() {
        try {
            return new InetSocketAddress(InetAddress.getByName(bind), port);
        } catch (UnknownHostException e) {
            throw wrong("--bind needs an address of this machine, not '" + bind + "'");
        }
    }

    private void require(boolean holds, String expected) {
        if (!holds) {
            throw wrong(expected);
        }
    }

    private CommandLine.ParameterException wrong(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }
}
