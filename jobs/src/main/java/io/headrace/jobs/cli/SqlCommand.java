package io.headrace.jobs.cli;

import io.headrace.jobs.LocalFlink;
import io.headrace.sql.script.SqlScript;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.RestOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code headrace sql}. */
@Command(
        name = "sql",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a file of SQL statements in a local Flink with its web page.",
            "Each statement waits for the one before; those in a statement set run together."
        })
final class SqlCommand implements Callable<Integer> {

    /** Enough for statement sets and joins; a slot that is not used costs next to nothing. */
    private static final int SLOTS = 8;

    @Parameters(paramLabel = "FILE", description = "The SQL file.")
    private Path file;

    @Option(
            names = "--parallelism",
            description = "Subtasks of each operator, 1 to 8; default ${DEFAULT-VALUE}.")
    private int parallelism = 1;

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (!Files.isReadable(file)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "there is no file " + file + " that can be read");
        }
        if (parallelism < 1 || parallelism > SLOTS) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--parallelism must be from 1 to " + SLOTS);
        }
        Terminal terminal = new Terminal(false);
        try (LocalFlink flink = LocalFlink.start(SLOTS)) {
            terminal.person().printf("Flink's page is %s; Ctrl-C ends it.%n", flink.webUrl());
            SqlScript.run(Files.readString(file), configuration(flink.webUrl()), terminal.person());
        }
        return 0;
    }

    private Configuration configuration(String webUrl) {
        URI address = URI.create(webUrl);
        Configuration configuration = new Configuration();
        configuration.set(DeploymentOptions.TARGET, "remote");
        configuration.set(RestOptions.ADDRESS, address.getHost());
        configuration.set(RestOptions.PORT, address.getPort());
        configuration.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
        return configuration;
    }
}
