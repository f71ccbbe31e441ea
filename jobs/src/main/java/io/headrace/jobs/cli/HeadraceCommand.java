package io.headrace.jobs.cli;

import io.headrace.connectors.KafkaCheckException;
import io.headrace.connectors.RegistryException;
import io.headrace.connectors.RegistryUnavailableException;
import io.headrace.inference.ModelLoadException;
import io.headrace.jobs.eval.EvalException;
import io.headrace.jobs.pipeline.PipelineFileException;
import io.headrace.local.ServerStartException;
import io.headrace.schemas.SchemaDerivationException;
import io.headrace.sql.script.SqlScriptException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Option;

/** The command {@code headrace}. */
@Command(
        name = "headrace",
        mixinStandardHelpOptions = true,
        version = "headrace 0.1.0",
        description = "Runs language models inside Apache Flink.",
        footer = {
            "",
            "Exit codes: 0 success, 1 a run that failed, 2 wrong usage or a wrong pipeline file."
        },
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            SqlCommand.class,
            BackfillCommand.class,
            ReplayCommand.class,
            SwitchCommand.class,
            TryCommand.class,
            EvalCommand.class,
            ValidateCommand.class,
            ModelsCommand.class,
            CompletionCommand.class
        })
public final class HeadraceCommand implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(HeadraceCommand.class);

    private static final String DETAILS = "; target/headrace.log has the details";

    /** Failures whose message alone says what is wrong and how to go on. */
    private static final Set<Class<? extends RuntimeException>> SELF_EXPLAINING =
            Set.of(
                    PipelineFileException.class,
                    ModelLoadException.class,
                    KafkaCheckException.class,
                    RegistryException.class,
                    RegistryUnavailableException.class,
                    SchemaDerivationException.class,
                    EvalException.class,
                    ServerStartException.class,
                    SqlScriptException.class);

    @Option(names = "--home", hidden = true, description = "Folder of the project.")
    private Path home = Path.of("");

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    Path home() {
        return home.toAbsolutePath();
    }

    /** Shows the usage, since no command was named. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "name a command");
    }

    /** Runs a command and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /**
     * Runs a command in this process and returns its exit code; what it complains of is printed.
     */
    public static int execute(PrintStream err, String... arguments) {
        return commandLine()
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .execute(arguments);
    }

    /** The command line, ready to parse or run. */
    public static CommandLine commandLine() {
        return new CommandLine(new HeadraceCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(explain());
    }

    private static IExecutionExceptionHandler explain() {
        return (exception, command, parsed) -> {
            LOG.error("The command failed", exception);
            Throwable known = selfExplaining(exception);
            command.getErr()
                    .println(
                            command.getColorScheme()
                                    .errorText(
                                            "error: "
                                                    + (known == null
                                                            ? exception + DETAILS
                                                            : known.getMessage())));
            return known instanceof PipelineFileException
                    ? CommandLine.ExitCode.USAGE
                    : CommandLine.ExitCode.SOFTWARE;
        };
    }

    private static Throwable selfExplaining(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            Throwable candidate = cause;
            if (SELF_EXPLAINING.stream().anyMatch(type -> type.isInstance(candidate))) {
                return cause;
            }
        }
        return null;
    }
}
