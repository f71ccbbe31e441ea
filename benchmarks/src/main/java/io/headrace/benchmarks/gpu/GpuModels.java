package io.headrace.benchmarks.gpu;

import io.headrace.inference.gguf.TensorType;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;

/** The random-weight models that are measured, written where they are missing. */
final class GpuModels {

    /** Llama-3.1-8B's shape in Q4_0, with the head tied to the embeddings. */
    private static final ModelShape LLAMA_8B =
            new ModelShape(
                    32, 4096, 32, 8, 14_336, 128_256, 131_072, TensorType.Q4_0, TensorType.Q8_0);

    /** To try the measurement itself. */
    private static final ModelShape TINY =
            new ModelShape(2, 256, 8, 4, 512, 4096, 8192, TensorType.Q8_0, TensorType.Q8_0);

    private GpuModels() {}

    static Path write(Path folder, String name) {
        ModelShape shape =
                switch (name) {
                    case "1b" -> ModelShape.LLAMA_1B;
                    case "8b" -> LLAMA_8B;
                    case "tiny" -> TINY;
                    default ->
                            throw new IllegalArgumentException(
                                    "models are 1b, 8b and tiny, not '" + name + "'");
                };
        Path path = folder.resolve("headrace-random-" + name + ".gguf");
        return Files.exists(path) ? path : TinyModels.llama(path, 1, shape);
    }
}
