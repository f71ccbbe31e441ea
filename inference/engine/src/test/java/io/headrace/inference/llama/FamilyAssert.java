package io.headrace.inference.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.InferenceResult.Generated;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import io.headrace.inference.runtime.LocalEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Compares the engine with a {@link BareLoop}: alone, and in batches with other texts, labels and
 * JSON that share prefixes.
 *
 * <p>Every logit that the engine chose by must be that of the bare loop within a tolerance, and the
 * token chosen must be the bare loop's, but where the bare loop's two best are closer than that.
 */
final class FamilyAssert {

    private static final String SYSTEM = "you answer messages of customers in one line.";
    private static final int TOKENS = 64;

    private final Path file;
    private final float tolerance;
    private int ties;
    private float largest;

    /**
     * @param tolerance the largest difference of a logit, as a share of how far logits spread
     */
    FamilyAssert(Path file, float tolerance) {
        this.file = file;
        this.tolerance = tolerance;
    }

    void generatesWhatABareLoopGenerates() throws Exception {
        EngineOptions options =
                new EngineOptions(file, 1024, 8, 256, 1, Optional.empty()).withCacheTokens(4096);
        LlamaLoadedModel loaded = LlamaLoadedModel.load(options);
        RecordedLogits recorded = new RecordedLogits(loaded.newRunner(options));
        List<InferenceRequest> texts = new ArrayList<>();
        try (LocalEngine engine = new LocalEngine(loaded, recorded, options)) {
            InferenceRequest alone = text("where is my card");
            requireWhole(engine.submit(alone).toCompletableFuture().get(60, TimeUnit.SECONDS));
            texts.add(alone);
            List<CompletableFuture<InferenceResult>> batch = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                InferenceRequest text = text("i was charged twice ".repeat(1 + 2 * i) + i);
                texts.add(text);
                batch.add(engine.submit(text).toCompletableFuture());
                batch.add(engine.submit(labels("message " + i)).toCompletableFuture());
                batch.add(engine.submit(json("message " + i)).toCompletableFuture());
            }
            for (CompletableFuture<InferenceResult> each : batch) {
                requireWhole(each.get(60, TimeUnit.SECONDS));
            }
            try (LlamaModel model = LlamaModel.load(binding(), file)) {
                for (InferenceRequest text : texts) {
                    compare(model, loaded.tokenize(text.prompt()).tokens(), recorded);
                }
            }
        }
        if (Boolean.getBoolean("headrace.test.show")) {
            System.err.printf("%s: difference %.5f, %d ties%n", file, largest, ties);
        }
    }

    private void compare(LlamaModel model, int[] prompt, RecordedLogits recorded) {
        List<Integer> tokens = new ArrayList<>(Arrays.stream(prompt).boxed().toList());
        try (BareLoop loop = new BareLoop(model, 1024, 256)) {
            float[] bare = loop.append(prompt);
            for (int i = 0; i < TOKENS; i++) {
                float[] ours = recorded.behind(tokens);
                assertThat(ours).as("logits of token %d", i).isNotNull();
                compare(ours, bare, i);
                int chosen = BareLoop.argmax(ours);
                tokens.add(chosen);
                bare = loop.append(chosen);
            }
        }
    }

    private void compare(float[] ours, float[] bare, int place) {
        int best = BareLoop.argmax(bare);
        float least = bare[best];
        for (float logit : bare) {
            least = Math.min(least, logit);
        }
        float spread = bare[best] - least;
        for (int i = 0; i < bare.length; i++) {
            largest = Math.max(largest, Math.abs(ours[i] - bare[i]) / spread);
        }
        assertThat(largest).as("difference of logits at token %d", place).isLessThan(tolerance);
        int chosen = BareLoop.argmax(ours);
        if (chosen != best) {
            ties++;
            assertThat((bare[best] - bare[chosen]) / spread).isLessThan(tolerance);
        }
    }

    static LlamaBinding binding() {
        return LlamaBinding.load(Optional.empty(), EngineOptions.nativesCache());
    }

    private static InferenceRequest text(String message) {
        return request(message, new Output.Text(TOKENS, List.of(), Sampling.GREEDY));
    }

    private static InferenceRequest labels(String message) {
        return request(message, new Output.Labels(List.of("refund", "card arrival", "other")));
    }

    private static InferenceRequest json(String message) {
        return request(
                message,
                new Output.Json(
                        "{\"type\": \"array\", \"items\": {\"enum\": [1, \"b\"]}, \"maxItems\": 4}",
                        24,
                        Sampling.GREEDY));
    }

    private static InferenceRequest request(String message, Output output) {
        return new InferenceRequest(new Prompt(SYSTEM, List.of(message)), output);
    }

    private static void requireWhole(InferenceResult result) {
        assertThat(result).isInstanceOf(InferenceResult.Completed.class);
        if (result instanceof Generated generated && generated.truncated()) {
            assertThat(generated.usage().outputTokens()).isGreaterThan(1);
        }
    }
}
