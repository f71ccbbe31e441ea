package io.headrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What a processor can do at most, measured by small loops in C ({@code roofline.c}) which are
 * compiled where they run. Needs a C compiler and is run from the repository's folder.
 */
final class Roofline {

    /**
     * Thousand millions a second.
     *
     * @param clock of all threads together
     * @param processor of one thread, by its processor time
     */
    record Rate(double clock, double processor) {

        /**
         * How near something came to it.
         *
         * @param done thousand millions
         */
        Share share(double done, Time time) {
            return new Share(
                    done / time.clock() / clock,
                    done / time.processor() / processor,
                    done / time.clock());
        }
    }

    /**
     * A share of what was possible at the same time.
     *
     * @param clock by the clock
     * @param processor by processor time
     * @param rate thousand millions a second that were done
     */
    record Share(double clock, double processor, double rate) {

        static Share median(List<Share> rounds) {
            return new Share(
                    median(rounds, Share::clock),
                    median(rounds, Share::processor),
                    median(rounds, Share::rate));
        }

        private static double median(List<Share> rounds, ToDoubleFunction<Share> number) {
            return rounds.stream().mapToDouble(number).sorted().toArray()[rounds.size() / 2];
        }
    }

    /**
     * One measurement.
     *
     * @param multiplications of bytes
     * @param bytes that are read from memory
     */
    record Limits(Rate multiplications, Rate bytes) {}

    private static final Path SOURCE = Path.of("inference/kernels/src/bench/c/roofline.c");

    private final Path program;
    private final int threads;

    Roofline(int threads) {
        this.threads = threads;
        try {
            this.program = Files.createTempFile("headrace-roofline", ".out");
            program.toFile().deleteOnExit();
        } catch (IOException e) {
            throw new IllegalStateException("There is no room for a program: " + e, e);
        }
        String compiler = System.getenv().getOrDefault("CC", "cc");
        String source = SOURCE.toString();
        run(compiler, "-O2", "-march=native", source, "-lpthread", "-o", program.toString());
    }

    /** Measures once, for about a second. */
    Limits measure() {
        List<Rate> rates = new ArrayList<>();
        for (String line : run(program.toString(), Integer.toString(threads))) {
            double[] numbers =
                    Stream.of(line.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
            rates.add(new Rate(numbers[0], numbers[1]));
        }
        return new Limits(rates.get(0), rates.get(1));
    }

    private static List<String> run(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output);
            }
            return output.lines().toList();
        } catch (IOException e) {
            throw new IllegalStateException(String.join(" ", command) + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
