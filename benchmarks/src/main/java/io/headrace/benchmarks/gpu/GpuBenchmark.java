package io.headrace.benchmarks.gpu;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.Backend;
import io.headrace.inference.Device;
import io.headrace.inference.EngineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures engine and llama.cpp's bare loop on a GPU, and compares the bundled model's answers with
 * the processor's. Results are written after each part, so that a run cut short leaves what it has.
 */
@Command(name = "gpu", mixinStandardHelpOptions = true)
public final class GpuBenchmark implements Callable<Integer> {

    @Option(names = "--device", defaultValue = "cuda", description = "As in pipeline files.")
    private String device;

    @Option(names = "--models", defaultValue = "1b,8b", split = ",", description = "1b, 8b, tiny.")
    private List<String> models;

    @Option(names = "--records", defaultValue = "256", description = "Records of a round.")
    private int records;

    @Option(names = "--rounds", defaultValue = "3", description = "Rounds; the median counts.")
    private int rounds;

    @Option(names = "--cpu-records", defaultValue = "8", description = "Records on two cores.")
    private int cpuRecords;

    @Option(names = "--sequences", defaultValue = "0", description = "Sequences; 0: the device's.")
    private int sequences;

    @Option(names = "--batch-tokens", defaultValue = "0", description = "Rows; 0: the device's.")
    private int batchTokens;

    @Option(names = "--cache-tokens", defaultValue = "0", description = "Cells; 0: the device's.")
    private int cacheTokens;

    @Option(names = "--messages", defaultValue = "200", description = "Messages to agree on.")
    private int messages;

    @Option(names = "--home", required = true, description = "Folder of model and examples.")
    private Path home;

    @Option(names = "--work", required = true, description = "Folder for written models.")
    private Path work;

    @Option(names = "--out", required = true, description = "Folder for results.")
    private Path out;

    private final ObjectNode report = JsonNodeFactory.instance.objectNode();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new GpuBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(work);
        Files.createDirectories(out);
        report.put("device", device);
        boolean agrees = true;
        if (messages > 0) {
            Agreement agreement = Agreement.measure(home, Device.of(device), messages);
            report.set("agreement", agreement.report());
            agrees = agreement.isWhole();
            save();
        }
        for (String model : models) {
            measure(model);
        }
        System.out.println(ResultTable.of(report));
        return agrees ? 0 : 1;
    }

    private void measure(String name) throws IOException {
        long begin = System.nanoTime();
        Path path = GpuModels.write(work, name);
        ObjectNode node = report.withObject("/models").putObject(name);
        node.put("writeSeconds", (System.nanoTime() - begin) / 1e9);
        EngineOptions options =
                EngineOptions.of(path)
                        .withBackend(Backend.LLAMA_CPP)
                        .withDevice(Device.of(device))
                        .withMaxSequences(sequences)
                        .withMaxBatchTokens(batchTokens)
                        .withCacheTokens(cacheTokens);
        try (DeviceRun run = new DeviceRun(options, records, rounds)) {
            run.measure(node, this::save);
        }
        if (cpuRecords > 0 && !name.equals("8b")) {
            EngineOptions processor = EngineOptions.of(path).withDevice(Device.CPU).withThreads(2);
            DeviceRun.compareClassify(node, processor, cpuRecords);
        }
        save();
    }

    private void save() {
        try {
            new ObjectMapper()
                    .writerWithDefaultPrettyPrinter()
                    .writeValue(out.resolve("gpu-results.json").toFile(), report);
            Files.writeString(out.resolve("gpu-results.md"), ResultTable.of(report));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
