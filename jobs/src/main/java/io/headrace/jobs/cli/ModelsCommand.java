package io.headrace.jobs.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.Device;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.ModelInspection;
import io.headrace.inference.ModelLoadException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code headrace models}. */
@Command(
        name = "models",
        mixinStandardHelpOptions = true,
        description = "Looks at model files.",
        subcommands = ModelsCommand.Inspect.class)
final class ModelsCommand implements Runnable {

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    /** Shows the usage, since no subcommand was named. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "name a command: inspect");
    }

    /** {@code headrace models inspect}. */
    @Command(
            name = "inspect",
            mixinStandardHelpOptions = true,
            description = {
                "Shows what a GGUF file holds, the memory that it needs, how fast it runs here, and"
                        + " what does not fit.",
                "Exit code 1 where the model cannot be run here."
            })
    static final class Inspect implements Callable<Integer> {

        private static final double GIB = 1L << 30;
        private static final double MIB = 1L << 20;

        @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

        @Parameters(
                paramLabel = "FILE",
                description = "The GGUF file; of a split model, the first.")
        private Path file;

        @Option(
                names = "--context",
                defaultValue = "2048",
                description = "Tokens of a prompt and its output. Default: ${DEFAULT-VALUE}.")
        private int contextTokens;

        @Option(
                names = "--device",
                defaultValue = "auto",
                description =
                        "Where to run it: auto, cpu, cuda, cuda:N or vulkan. Default:"
                                + " ${DEFAULT-VALUE}.")
        private String device;

        @Option(names = "--no-speed", description = "Leaves the measurement of the speed out.")
        private boolean noSpeed;

        @Option(names = "--json", description = "Prints the findings as one JSON object.")
        private boolean json;

        @Override
        public Integer call() throws InterruptedException {
            ModelInspection model = ModelInspection.of(file);
            EngineOptions options =
                    EngineOptions.of(file).withContextTokens(contextTokens).withDevice(device());
            List<String> problems = new ArrayList<>(problems(model, options));
            ObjectNode report = report(model, options);
            ModelDevices.of(model, options).forEach(report.putArray("devices")::add);
            if (!noSpeed && problems.isEmpty()) {
                measure(options, report, problems);
            }
            problems.forEach(report.putArray("problems")::add);
            Terminal terminal = new Terminal(json);
            if (json) {
                terminal.print(report);
            } else {
                show(terminal.person(), model, report);
            }
            return problems.isEmpty() ? 0 : 1;
        }

        private Device device() {
            try {
                return Device.of(device);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(), "--device: " + e.getMessage(), e);
            }
        }

        private static void measure(EngineOptions options, ObjectNode report, List<String> problems)
                throws InterruptedException {
            try {
                ModelSpeed speed = ModelSpeed.measure(options);
                ObjectNode node = report.putObject("tokensPerSecond");
                node.put("read", speed.read());
                node.put("written", speed.written());
            } catch (ModelLoadException e) {
                problems.add(e.getMessage());
            }
        }

        private List<String> problems(ModelInspection model, EngineOptions options) {
            List<String> problems = new ArrayList<>();
            if (model.template() == ModelInspection.Template.UNUSABLE) {
                problems.add("The chat template cannot be rendered.");
            }
            if (contextTokens > model.trainedContextTokens()) {
                problems.add(
                        "A context of "
                                + contextTokens
                                + " tokens is beyond the "
                                + model.trainedContextTokens()
                                + " that the model was trained for.");
            }
            long needed = model.weightBytes() + model.sequenceBytes(options.cacheCells());
            long memory = memoryBytes();
            if (needed > memory) {
                problems.add(
                        String.format(
                                Locale.ROOT,
                                "Weights and cache take %.1f GiB, and this machine has %.1f GiB.",
                                needed / GIB,
                                memory / GIB));
            }
            return problems;
        }

        private static long memoryBytes() {
            return ((com.sun.management.OperatingSystemMXBean)
                            ManagementFactory.getOperatingSystemMXBean())
                    .getTotalMemorySize();
        }

        private ObjectNode report(ModelInspection model, EngineOptions options) {
            ObjectNode report = JsonNodeFactory.instance.objectNode();
            report.put("name", model.name());
            report.put("architecture", model.architecture());
            report.put("files", model.files());
            report.put("parameters", model.parameters());
            report.put("quantization", quantization(model));
            report.put("experts", model.experts());
            report.put("tokenizer", model.tokenizer());
            report.put("vocabularySize", model.vocabularySize());
            report.put("trainedContextTokens", model.trainedContextTokens());
            report.put("chatTemplate", model.template().name().toLowerCase(Locale.ROOT));
            ObjectNode memory = report.putObject("memoryBytes");
            memory.put("weights", model.weightBytes());
            memory.put("perSequence", model.sequenceBytes(contextTokens));
            memory.put("cache", model.sequenceBytes(options.cacheCells()));
            return report;
        }

        /** Names the types that most bytes are stored in, the largest first. */
        private static String quantization(ModelInspection model) {
            return model.tensorTypes().entrySet().stream()
                    .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                    .limit(3)
                    .map(
                            type ->
                                    String.format(
                                            Locale.ROOT,
                                            "%s (%.0f %%)",
                                            type.getKey(),
                                            100.0 * type.getValue() / model.weightBytes()))
                    .collect(Collectors.joining(", "));
        }

        private void show(PrintStream out, ModelInspection model, ObjectNode report) {
            line(out, "name", model.name());
            line(out, "architecture", model.architecture() + experts(model));
            line(out, "parameters", String.format(Locale.ROOT, "%,d", model.parameters()));
            line(out, "quantization", quantization(model));
            line(out, "tokenizer", model.tokenizer() + "; " + model.vocabularySize() + " tokens");
            line(out, "context", model.trainedContextTokens() + " tokens in training");
            line(out, "chat template", report.get("chatTemplate").asText());
            line(out, "weights", mebibytes(model.weightBytes()) + files(model));
            line(
                    out,
                    "a sequence",
                    mebibytes(model.sequenceBytes(contextTokens))
                            + " for "
                            + contextTokens
                            + " tokens");
            report.get("devices").forEach(each -> line(out, "device", ModelDevices.text(each)));
            if (report.has("tokensPerSecond")) {
                line(
                        out,
                        "speed here",
                        String.format(
                                Locale.ROOT,
                                "%.0f tokens/s read, %.0f tokens/s written, 8 at once",
                                report.at("/tokensPerSecond/read").asDouble(),
                                report.at("/tokensPerSecond/written").asDouble()));
            }
            report.get("problems").forEach(problem -> line(out, "does not fit", problem.asText()));
        }

        private static String experts(ModelInspection model) {
            return model.experts() == 0 ? "" : ", " + model.experts() + " experts";
        }

        private static String files(ModelInspection model) {
            return model.files() == 1 ? "" : " in " + model.files() + " files";
        }

        private static String mebibytes(long bytes) {
            return String.format(Locale.ROOT, "%,.1f MiB", bytes / MIB);
        }

        private static void line(PrintStream out, String name, String value) {
            out.printf("%-14s %s%n", name, value);
        }
    }
}
