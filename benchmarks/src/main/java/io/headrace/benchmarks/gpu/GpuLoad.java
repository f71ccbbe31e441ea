package io.headrace.benchmarks.gpu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code nvidia-smi} says of one GPU ten times a second. Nothing where it is not there.
 * Thread-safe.
 */
final class GpuLoad implements AutoCloseable {

    private final Process process;
    private final List<double[]> samples = new ArrayList<>();

    /** Share of the time that the GPU computed, and the most memory in use. */
    record Figures(double busyShare, double memoryMebibytes) {}

    private GpuLoad(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "nvidia-smi");
        reader.setDaemon(true);
        reader.start();
    }

    static Optional<GpuLoad> of(int gpu) {
        try {
            return Optional.of(
                    new GpuLoad(
                            new ProcessBuilder(
                                            "nvidia-smi",
                                            "--id=" + gpu,
                                            "--query-gpu=utilization.gpu,memory.used",
                                            "--format=csv,noheader,nounits",
                                            "--loop-ms=100")
                                    .redirectErrorStream(true)
                                    .start()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] numbers = line.split(",", -1);
                if (numbers.length == 2 && line.matches("[\\d ,.]+")) {
                    synchronized (samples) {
                        samples.add(
                                new double[] {
                                    Double.parseDouble(numbers[0].strip()) / 100,
                                    Double.parseDouble(numbers[1].strip())
                                });
                    }
                }
            }
        } catch (IOException e) {
            // The process ended; what was read counts.
        }
    }

    /** Returns the figures since the last call. */
    Optional<Figures> take() {
        synchronized (samples) {
            if (samples.isEmpty()) {
                return Optional.empty();
            }
            double busy = samples.stream().mapToDouble(sample -> sample[0]).average().orElse(0);
            double memory = samples.stream().mapToDouble(sample -> sample[1]).max().orElse(0);
            samples.clear();
            return Optional.of(new Figures(busy, memory));
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
