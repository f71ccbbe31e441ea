package io.headrace.inference.cpu;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runner.StepResult;
import io.headrace.inference.runtime.LoadedModel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** What tests of the CPU engine share: instruction sets, options, and running tokens in steps. */
final class Steps {

    private Steps() {}

    /** The instruction sets that this processor has. */
    static Stream<String> instructionSets() {
        return Stream.of("plain", "avx2", "avx-vnni", "avx512-vnni", "neon-dotprod")
                .filter(name -> CpuKernels.instructionSet(name) != null);
    }

    static EngineOptions options(Path file) {
        return new EngineOptions(file, 256, 8, 64, 2, Optional.empty());
    }

    static int[] randomTokens(int count, int vocabulary, long seed) {
        return new Random(seed).ints(count, 0, vocabulary).toArray();
    }

    /** Appends tokens to sequence 0 in steps of a size and returns the logits behind each. */
    static float[][] logits(ModelRunner runner, int[] tokens, int size) {
        float[][] all = new float[tokens.length][runner.limits().vocabularySize()];
        StepPlan fresh = new StepPlan();
        fresh.operation(new StepPlan.Truncation(0, 0));
        runner.execute(fresh);
        for (int from = 0; from < tokens.length; from += size) {
            StepPlan plan = new StepPlan();
            int count = Math.min(size, tokens.length - from);
            for (int i = from; i < from + count; i++) {
                plan.row(tokens[i], 0, i, true);
            }
            StepResult.Computed computed = (StepResult.Computed) runner.execute(plan);
            for (int i = 0; i < count; i++) {
                computed.logits(i).copyTo(all[from + i]);
            }
        }
        return all;
    }

    /** Returns the logits behind each token, and closes the model. */
    static float[][] logits(LoadedModel model, Path file, int[] tokens, int size) {
        return logits(model, options(file), tokens, size);
    }

    /** The same with options. */
    static float[][] logits(LoadedModel model, EngineOptions options, int[] tokens, int size) {
        try (model;
                ModelRunner runner = model.newRunner(options)) {
            return logits(runner, tokens, size);
        }
    }

    /** Returns the mean over some tokens of the difference of their logits. */
    static double meanDifference(float[][] some, float[][] others) {
        double sum = 0;
        for (int i = 0; i < some.length; i++) {
            sum += difference(some[i], others[i]);
        }
        return sum / some.length;
    }

    /** Returns the mean difference of logits, as a share of how far they spread from their mean. */
    static double difference(float[] some, float[] others) {
        double mean = 0;
        for (float each : others) {
            mean += each / others.length;
        }
        double squares = 0;
        double spread = 0;
        for (int i = 0; i < others.length; i++) {
            squares += Math.pow(some[i] - others[i], 2);
            spread += Math.pow(others[i] - mean, 2);
        }
        return Math.sqrt(squares / spread);
    }
}
