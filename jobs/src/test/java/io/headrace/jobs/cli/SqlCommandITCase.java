package io.headrace.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code headrace sql} as its user types it, on a local Flink with the bundled model. */
class SqlCommandITCase {

    private static final String SCRIPT =
            """
            CREATE MODEL intent INPUT (body STRING) OUTPUT (label STRING) WITH (
              'provider' = 'headrace', 'path' = '%s', 'task' = 'classify',
              'labels' = 'lost_card; praise');
            CREATE TEMPORARY VIEW messages AS SELECT 'I lost my credit card' AS body;
            SELECT label FROM ML_PREDICT(TABLE messages, MODEL intent, DESCRIPTOR(body));
            """
                    .formatted(Path.of("..", "model", "headrace-small.gguf").toAbsolutePath());

    @TempDir private Path folder;
    private final StringWriter errors = new StringWriter();

    private int run(String script) throws Exception {
        return commandLine()
                .execute("sql", Files.writeString(folder.resolve("s.sql"), script).toString());
    }

    private CommandLine commandLine() {
        return HeadraceCommand.commandLine().setErr(new PrintWriter(errors, true));
    }

    @Test
    void printsTheAnswersOfAScript() throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        int code;
        try {
            code = run(SCRIPT);
        } finally {
            System.setOut(before);
        }

        assertThat(code).as(errors.toString()).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains(" lost_card |");
    }

    @Test
    void saysInOneSentenceWhyAStatementFailed() throws Exception {
        int code = run(SCRIPT.replace("'task' = 'classify'", "'task' = 'clasify'"));

        assertThat(code).isEqualTo(1);
        assertThat(errors.toString())
                .contains("'task' = 'clasify' is unknown; write 'task' = 'classify'")
                .doesNotContain("\tat ");
    }

    @Test
    void saysThatThereIsNoSuchFile() {
        assertThat(commandLine().execute("sql", folder.resolve("none.sql").toString()))
                .isEqualTo(2);
        assertThat(errors.toString()).contains("none.sql");
    }
}
