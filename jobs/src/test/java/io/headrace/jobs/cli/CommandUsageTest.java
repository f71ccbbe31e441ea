package io.headrace.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.ExitCode;

class CommandUsageTest {

    private static final String PIPELINE =
            """
            model: { path: model.gguf }
            kafka: { bootstrapServers: "127.0.0.1:1" }
            schemaRegistry: { url: "http://127.0.0.1:1" }
            source: { topicPattern: "in.*", text: "{{ body }}" }
            sink: { topic: out, deadLetterTopic: dead }
            tasks: [ { name: summary, summarize: { maxTokens: 40 } } ]
            """;

    @TempDir Path folder;

    private final ByteArrayOutputStream complaints = new ByteArrayOutputStream();
    private Path file;

    @BeforeEach
    void writePipeline() throws Exception {
        file = Files.writeString(folder.resolve("pipeline.yaml"), PIPELINE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "backfill|--from|yesterday|'yesterday' is no position",
                "backfill|--to|0:5|write topic/0:100",
                "backfill|--id|a b|the id of a backfill has letters",
                "replay|--since|yesterday|--since needs a time",
                "replay|--max-failures|0|maxFailures must be at least 1",
            })
    void saysHowAnOptionIsWritten(String command, String option, String value, String message) {
        assertThat(run(command, file.toString(), option, value)).isEqualTo(ExitCode.USAGE);
        assertThat(complaints.toString(UTF_8)).contains(message).doesNotContain("\tat ");
    }

    @Test
    void saysThatABackfillNeedsASource() throws Exception {
        Files.writeString(file, PIPELINE.replaceAll("(?m)^(source|sink|kafka|schema).*\n", ""));

        assertThat(run("backfill", file.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(complaints.toString(UTF_8))
                .contains("the section 'kafka' is missing")
                .doesNotContain("\tat ");
    }

    @Test
    void theCompletionScriptIsOneThatBashCompletesWith() throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream script = new ByteArrayOutputStream();
        System.setOut(new PrintStream(script, true, UTF_8));
        try {
            assertThat(run("completion")).isZero();
        } finally {
            System.setOut(before);
        }
        Path file = Files.writeString(folder.resolve("completion.sh"), script.toString(UTF_8));
        String complete =
                "compopt() { :; }; source "
                        + file
                        + "; COMP_WORDS=(headrace back); COMP_CWORD=1; _complete_headrace;"
                        + " echo ${COMPREPLY[@]}";
        Process bash = new ProcessBuilder("bash", "-c", complete).redirectErrorStream(true).start();
        String completed = new String(bash.getInputStream().readAllBytes(), UTF_8);
        assertThat(completed.strip()).isEqualTo("backfill");
    }

    private int run(String... arguments) {
        PrintStream err = new PrintStream(complaints, true, UTF_8);
        return HeadraceCommand.execute(err, List.of(arguments).toArray(String[]::new));
    }
}
