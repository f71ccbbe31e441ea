package io.headrace.inference.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.inference.CacheType;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.Prompt;
import io.headrace.inference.gguf.GgufReader;
import io.headrace.inference.llama.LlamaLoadedModel;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runtime.LoadedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The bundled model on generated messages is as precise as on llama.cpp, or more: 200 messages with
 * {@code -Pfaults}, otherwise fewer.
 */
@Timeout(300)
class BundledModelPrecisionITCase {

    private static final Path MODEL = Path.of("../../model/headrace-small.gguf");
    private static final Path MESSAGES = Path.of("../../model/messages-heldout.jsonl");
    private static final boolean LONG = Boolean.getBoolean("headrace.faults");
    private static final double LIKELIHOOD_PERCENT = 0.5;

    /** Measured on 695 tokens: 0.0211 from the reference, and llama.cpp 0.0224. */
    private static final double AGAINST_LLAMA_CPP = 1.1;

    @BeforeAll
    static void assumePresent() {
        OwnEngine.assumePresent();
    }

    @Test
    void meanLogLikelihoodOfMessagesIsThatOfLlamaCpp() throws Exception {
        LoadedModel llama = LlamaLoadedModel.load(EngineOptions.of(MODEL));
        LoadedModel own = CpuLoadedModel.load(EngineOptions.of(MODEL));
        List<int[]> prompts = prompts(llama, LONG ? 200 : 40);
        double theirs = meanLogLikelihood(llama, prompts);
        double ours = meanLogLikelihood(own, prompts);
        System.out.printf("mean log-likelihood: %.5f, llama.cpp %.5f%n", ours, theirs);
        llama.close();
        own.close();
        assertThat(ours).isCloseTo(theirs, withinPercentage(LIKELIHOOD_PERCENT));
    }

    @Test
    void logitsAreNoFartherFromTheFloatReferenceThanThoseOfLlamaCpp() throws Exception {
        LoadedModel llama = LlamaLoadedModel.load(EngineOptions.of(MODEL));
        LoadedModel own = CpuLoadedModel.load(EngineOptions.of(MODEL));
        double ours = 0;
        double theirs = 0;
        for (int[] tokens : prompts(llama, LONG ? 6 : 2)) {
            float[][] expected = new float[tokens.length][];
            FloatReference reference = new FloatReference(GgufReader.read(MODEL), tokens.length);
            for (int i = 0; i < tokens.length; i++) {
                expected[i] = reference.append(tokens[i]);
            }
            ours += difference(own, tokens, expected);
            theirs += difference(llama, tokens, expected);
        }
        llama.close();
        own.close();
        assertThat(ours).isLessThan(AGAINST_LLAMA_CPP * theirs);
    }

    @Test
    void meanLogLikelihoodIsTheSameWithACacheInBytes() throws Exception {
        LoadedModel own = CpuLoadedModel.load(EngineOptions.of(MODEL));
        List<int[]> prompts = prompts(own, LONG ? 200 : 40);
        double halves = meanLogLikelihood(own, prompts);
        double bytes = meanLogLikelihood(own, prompts, CacheType.Q8);
        System.out.printf("mean log-likelihood: %.5f, in q8 %.5f%n", halves, bytes);
        own.close();
        assertThat(bytes).isCloseTo(halves, withinPercentage(LIKELIHOOD_PERCENT));
        assertThat(bytes).isNotEqualTo(halves);
    }

    private static double difference(LoadedModel model, int[] tokens, float[][] expected) {
        double sum = 0;
        try (ModelRunner runner = model.newRunner(EngineOptions.of(MODEL))) {
            float[][] logits = Steps.logits(runner, tokens, 64);
            for (int i = 0; i < tokens.length; i++) {
                sum += Steps.difference(logits[i], expected[i]);
            }
        }
        return sum;
    }

    private static double meanLogLikelihood(LoadedModel model, List<int[]> prompts) {
        return meanLogLikelihood(model, prompts, CacheType.F16);
    }

    private static double meanLogLikelihood(
            LoadedModel model, List<int[]> prompts, CacheType cacheType) {
        double sum = 0;
        int count = 0;
        EngineOptions options = EngineOptions.of(MODEL).withCacheType(cacheType);
        try (ModelRunner runner = model.newRunner(options)) {
            for (int[] tokens : prompts) {
                float[][] logits = Steps.logits(runner, tokens, 64);
                for (int i = 0; i + 1 < tokens.length; i++) {
                    sum += logProbability(logits[i], tokens[i + 1]);
                    count++;
                }
            }
        }
        return sum / count;
    }

    private static double logProbability(float[] logits, int token) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float each : logits) {
            largest = Math.max(largest, each);
        }
        double sum = 0;
        for (float each : logits) {
            sum += Math.exp(each - largest);
        }
        return logits[token] - largest - Math.log(sum);
    }

    private static List<int[]> prompts(LoadedModel model, int count) throws Exception {
        List<int[]> prompts = new ArrayList<>();
        for (String line : Files.readAllLines(MESSAGES).subList(0, count)) {
            String text = new ObjectMapper().readTree(line).get("text").asText();
            prompts.add(
                    model.tokenize(new Prompt("", List.of("<message>" + text + "</message>")))
                            .tokens());
        }
        return prompts;
    }
}
