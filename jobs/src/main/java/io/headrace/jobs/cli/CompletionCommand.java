package io.headrace.jobs.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code headrace completion}. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = {
            "Prints a script that completes commands and options with Tab, for bash and zsh:",
            "",
            "  source <(./headrace completion)"
        })
final class CompletionCommand implements Callable<Integer> {

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine root = spec.root().commandLine();
        new Terminal(false).person().print(AutoComplete.bash("headrace", root));
        return CommandLine.ExitCode.OK;
    }
}
