package io.headrace.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Output;
import io.headrace.inference.gguf.TensorType;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ModelSpeedTest {

    @TempDir private Path folder;

    @Test
    void tokensReadAndWrittenAreDividedByTheTimeThatTheyTake() throws Exception {
        ModelSpeed speed = ModelSpeed.measure(new SteadyEngine(), 2048);
        assertThat(speed.read()).isCloseTo(SteadyEngine.READ, within(1e-6 * SteadyEngine.READ));
        assertThat(speed.written())
                .isCloseTo(SteadyEngine.WRITTEN, within(1e-6 * SteadyEngine.WRITTEN));
    }

    /** The larger one has 48 times as many weights to multiply a token with. */
    @Test
    void aLargerModelIsMeasuredToBeSlower() throws Exception {
        ModelSpeed small = measure("small.gguf", 64, 2);
        ModelSpeed large = measure("large.gguf", 256, 6);
        assertThat(large.read()).isPositive().isLessThan(small.read() / 4);
        assertThat(large.written()).isPositive().isLessThan(small.written() / 2);
    }

    private ModelSpeed measure(String name, int width, int layers) throws Exception {
        ModelShape shape =
                new ModelShape(
                        layers, width, 4, 4, 4 * width, 512, 4096, TensorType.F32, TensorType.F32);
        Path model = TinyModels.llama(folder.resolve(name), 1, shape);
        return ModelSpeed.measure(EngineOptions.of(model).withContextTokens(1024).withThreads(1));
    }

    /**
     * An engine by whose counters prompts of a hundred tokens take 50 ms each, and each look at it
     * finds one more step of a row for each of the answers in work, of 20 ms with what Java takes.
     */
    private static final class SteadyEngine implements InferenceEngine {

        private static final double READ = 100 / 0.05;
        private static final double WRITTEN = 8 / 0.02;

        private final Map<InferenceRequest, CompletableFuture<InferenceResult>> inWork =
                new HashMap<>();
        private long steps;
        private long rows;
        private long stepNanos;
        private long javaNanos;

        @Override
        public CompletionStage<InferenceResult> submit(InferenceRequest request) {
            CompletableFuture<InferenceResult> result = new CompletableFuture<>();
            if (((Output.Text) request.output()).maxTokens() == 1) {
                step(100, 50_000_000, 0);
                result.complete(new InferenceResult.Cancelled());
            } else {
                inWork.put(request, result);
            }
            return result;
        }

        @Override
        public void cancel(InferenceRequest request) {
            inWork.remove(request).complete(new InferenceResult.Cancelled());
        }

        @Override
        public EngineStats stats() {
            if (!inWork.isEmpty()) {
                step(inWork.size(), 15_000_000, 5_000_000);
            }
            return new EngineStats(
                    0, 0, 0, 0, 0, 0, 0, 0, 0, steps, rows, stepNanos, javaNanos, 0, 0);
        }

        private void step(int computed, long nanos, long between) {
            steps++;
            rows += computed;
            stepNanos += nanos;
            javaNanos += between;
        }

        @Override
        public ModelInfo model() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int countPromptTokens(InferenceRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
