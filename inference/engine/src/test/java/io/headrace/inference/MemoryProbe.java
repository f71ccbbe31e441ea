package io.headrace.inference;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A program that opens a model, asks it, and prints by how many bytes its memory has grown. A
 * process of its own, so that nothing else grows meanwhile. Arguments: file, context, engine.
 */
final class MemoryProbe {

    private MemoryProbe() {}

    public static void main(String[] arguments) throws Exception {
        // An engine's classes, buffers and threads are no memory of the model.
        ask(Path.of(arguments[3]), 64, arguments[2]);
        System.gc();
        long before = ProcessMemory.residentBytes();
        System.out.println(
                ask(Path.of(arguments[0]), Integer.parseInt(arguments[1]), arguments[2]) - before);
    }

    private static long ask(Path model, int context, String backend) throws Exception {
        EngineOptions options =
                EngineOptions.of(model)
                        .withContextTokens(context)
                        .withThreads(1)
                        .withBackend(Backend.of(backend));
        try (InferenceEngine engine = Engines.open(options)) {
            List<CompletableFuture<InferenceResult>> results = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                InferenceRequest request =
                        new InferenceRequest(
                                new Prompt("", List.of("message " + i + " says nothing")),
                                new Output.Text(4, List.of(), Sampling.GREEDY));
                results.add(engine.submit(request).toCompletableFuture());
            }
            for (CompletableFuture<InferenceResult> each : results) {
                each.get();
            }
            System.gc();
            return ProcessMemory.residentBytes();
        }
    }
}
