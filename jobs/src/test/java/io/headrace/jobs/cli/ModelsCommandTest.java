package io.headrace.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.inference.testing.TinyModels;
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

class ModelsCommandTest {

    @TempDir private static Path folder;

    private final StringWriter errors = new StringWriter();
    private int exitCode;

    @Test
    void inspectMeasuresAModelThatFits() throws Exception {
        Path model = TinyModels.llama(folder.resolve("tiny.gguf"), 1);
        JsonNode report = new ObjectMapper().readTree(inspect(model.toString(), "--json"));
        assertThat(exitCode).isZero();
        assertThat(report.get("architecture").asText()).isEqualTo("llama");
        assertThat(report.get("quantization").asText()).isEqualTo("F32 (100 %)");
        assertThat(report.get("parameters").asLong()).isEqualTo(106_816);
        assertThat(report.get("trainedContextTokens").asInt()).isEqualTo(4096);
        assertThat(report.get("chatTemplate").asText()).isEqualTo("own");
        // Two layers of two heads with keys and values of 16 half-precision numbers.
        assertThat(report.at("/memoryBytes/perSequence").asLong()).isEqualTo(2048 * 256);
        assertThat(report.at("/tokensPerSecond/read").asDouble()).isPositive();
        assertThat(report.at("/tokensPerSecond/written").asDouble()).isPositive();
        assertThat(report.get("problems")).isEmpty();
    }

    @Test
    void inspectFillsOneScreenForAPersonAndSaysWhatDoesNotFit() {
        Path model = TinyModels.llama(folder.resolve("small.gguf"), 1);
        String screen = inspect(model.toString(), "--no-speed", "--context", "100000");
        assertThat(exitCode).isEqualTo(1);
        assertThat(screen)
                .contains("architecture   llama")
                .contains("does not fit   A context of 100000 tokens is beyond the 4096");
        assertThat(screen.lines().count()).isLessThan(24);
    }

    @Test
    void inspectSaysOfEachKindOfGpuWhatThereIsOrWhyThereIsNone() throws Exception {
        Path model = TinyModels.llama(folder.resolve("devices.gguf"), 1);
        JsonNode report =
                new ObjectMapper().readTree(inspect(model.toString(), "--no-speed", "--json"));
        assertThat(report.get("devices")).hasSizeGreaterThanOrEqualTo(2);
        report.get("devices")
                .forEach(
                        device ->
                                assertThat(device.has("description") || device.has("obstacle"))
                                        .as(device.toString())
                                        .isTrue());
        inspect(model.toString(), "--device", "gpu");
        assertThat(exitCode).isEqualTo(2);
        assertThat(errors.toString()).contains("--device: device must be auto, cpu, cuda");
    }

    @Test
    void inspectRefusesWhatIsNoModelWithASentence() throws Exception {
        Path text = Files.writeString(folder.resolve("notes.gguf"), "these are notes, no model");
        inspect(text.toString());
        assertThat(exitCode).isEqualTo(1);
        assertThat(errors.toString()).contains("notes.gguf", "GGUF").doesNotContain("\tat ");
    }

    private String inspect(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            String[] all = new String[arguments.length + 2];
            all[0] = "models";
            all[1] = "inspect";
            System.arraycopy(arguments, 0, all, 2, arguments.length);
            CommandLine command = HeadraceCommand.commandLine();
            command.setErr(new PrintWriter(errors, true));
            exitCode = command.execute(all);
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
