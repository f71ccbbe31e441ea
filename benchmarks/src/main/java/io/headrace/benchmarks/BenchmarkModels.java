package io.headrace.benchmarks;

import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;

/** The models that are measured. */
final class BenchmarkModels {

    private BenchmarkModels() {}

    /** Takes a file, or writes the random-weight model of Llama-3.2-1B's shape for {@code 1b}. */
    static Path resolve(String name) {
        if (!name.equals("1b")) {
            return Path.of(name);
        }
        Path path = Path.of(System.getProperty("java.io.tmpdir"), "headrace-random-1b.gguf");
        return Files.exists(path) ? path : TinyModels.llama(path, 1, ModelShape.LLAMA_1B);
    }
}
