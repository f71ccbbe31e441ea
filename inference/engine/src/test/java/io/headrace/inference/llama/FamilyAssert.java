package io.headrace.inference.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
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

    /** Checks a text alone, and others in batches with labels and JSON. */
    void generatesWhatABareLoopGenerates() throws Exception {
        List<InferenceRequest> batch = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            batch.add(text("i was charged twice ".repeat(1 + 2 * i) + i, TOKENS));
            batch.add(labels("message " + i));
            batch.add(json("message " + i));
        }
        check(1024, 0, List.of(List.of(text("where is my card", TOKENS)), batch));
    }

    /** Checks how a text goes on that is a little longer than this. */
    void continuesALongText(int promptTokens) throws Exception {
        StringBuilder message = new StringBuilder();
        for (int i = 0; message.length() < promptTokens + promptTokens / 2; i++) {
            message.append("where is order ").append(i).append(' ');
        }
        check(2 * promptTokens, promptTokens, List.of(List.of(text(message.toString(), 16))));
    }

    private void check(int contextTokens, int least, List<List<InferenceRequest>> waves)
            throws Exception {
        EngineOptions options =
                new EngineOptions(file, contextTokens, 8, 256, 1, Optional.empty())
                        .withCacheTokens(4 * contextTokens);
        LlamaLoadedModel loaded = LlamaLoadedModel.load(options);
        RecordedLogits recorded = new RecordedLogits(loaded.newRunner(options));
        try (LocalEngine engine = new LocalEngine(loaded, recorded, options);
                LlamaModel model = LlamaModel.load(binding(), file)) {
            for (List<InferenceRequest> wave : waves) {
                List<CompletableFuture<InferenceResult>> results = new ArrayList<>();
                wave.forEach(each -> results.add(engine.submit(each).toCompletableFuture()));
                for (CompletableFuture<InferenceResult> each : results) {
                    assertThat(each.get(60, TimeUnit.SECONDS))
                            .isInstanceOf(InferenceResult.Completed.class);
                }
                for (InferenceRequest each : wave) {
                    if (each.output() instanceof Output.Text text) {
                        int[] prompt = loaded.tokenize(each.prompt()).tokens();
                        assertThat(prompt.length).isGreaterThan(least);
                        compare(model, prompt, recorded, text.maxTokens());
                    }
                }
            }
        }
        if (Boolean.getBoolean("headrace.test.show")) {
            System.err.printf("%s: difference %.5f, %d ties%n", file, largest, ties);
        }
    }

    private void compare(
            LlamaModel model, int[] prompt, RecordedLogits recorded, int outputTokens) {
        List<Integer> tokens = new ArrayList<>(Arrays.stream(prompt).boxed().toList());
        try (BareLoop loop = new BareLoop(model, prompt.length + outputTokens + 256, 256)) {
            float[] bare = loop.append(prompt);
            for (int i = 0; i < outputTokens; i++) {
                float[] ours = recorded.behind(tokens);
                assertThat(ours).as("logits of token %d", i).isNotNull();
                boolean agree = agree(ours, bare);
                assertThat(agree)
                        .as(
                                "agreement at token %d; logits differ by %.4f of their spread",
                                i, largest)
                        .isTrue();
                int chosen = BareLoop.argmax(ours);
                tokens.add(chosen);
                bare = loop.append(chosen);
            }
        }
    }

    /**
     * Returns by how much two models differ behind a long text, as a share of how logits spread.
     */
    static float difference(Path left, Path right) {
        float[] one = behindALongText(left);
        float[] two = behindALongText(right);
        return difference(one, two) / spread(one);
    }

    private static float[] behindALongText(Path file) {
        try (LlamaModel model = LlamaModel.load(binding(), file);
                BareLoop loop = new BareLoop(model, 256, 256)) {
            int[] text = model.vocabulary().tokenize("where is my order ".repeat(20), false);
            return loop.append(Arrays.copyOf(text, 120));
        }
    }

    private boolean agree(float[] ours, float[] bare) {
        int best = BareLoop.argmax(bare);
        int chosen = BareLoop.argmax(ours);
        float difference = difference(ours, bare);
        float spread = spread(bare);
        largest = Math.max(largest, difference / spread);
        ties += chosen == best ? 0 : 1;
        return difference < tolerance * spread && bare[best] - bare[chosen] < tolerance * spread;
    }

    private static float difference(float[] left, float[] right) {
        float difference = 0;
        for (int i = 0; i < left.length; i++) {
            difference = Math.max(difference, Math.abs(left[i] - right[i]));
        }
        return difference;
    }

    private static float spread(float[] logits) {
        float least = Float.POSITIVE_INFINITY;
        for (float logit : logits) {
            least = Math.min(least, logit);
        }
        return logits[BareLoop.argmax(logits)] - least;
    }

    static LlamaBinding binding() {
        return LlamaBinding.load(Optional.empty(), EngineOptions.nativesCache());
    }

    private static InferenceRequest text(String message, int tokens) {
        return request(message, new Output.Text(tokens, List.of(), Sampling.GREEDY));
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
}
