package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.RunnerLimits;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runner.StepResult;
import io.headrace.inference.runtime.LoadedModel;
import io.headrace.inference.runtime.PromptTokens;
import io.headrace.inference.runtime.Vocabulary;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EnginesTest {

    @Test
    void aRunnerIsClosedWhereItsEngineDoesNotStart() {
        UnusableModel model = new UnusableModel();
        EngineOptions options = EngineOptions.of(Path.of("model.gguf"));
        assertThatThrownBy(() -> Engines.start(model, options)).hasMessage("no vocabulary");
        assertThat(model.openRunners).isZero();
        assertThat(model.closed).as("the lease is the caller's").isFalse();
    }

    /** A model that gives runners but has no vocabulary. */
    private static final class UnusableModel implements LoadedModel {

        private int openRunners;
        private boolean closed;

        @Override
        public ModelInfo info() {
            return new ModelInfo("name", "digest", "none", "llama", 64, 1);
        }

        @Override
        public Vocabulary vocabulary() {
            throw new IllegalStateException("no vocabulary");
        }

        @Override
        public PromptTokens tokenize(Prompt prompt) {
            throw new IllegalStateException("no vocabulary");
        }

        @Override
        public ModelRunner newRunner(EngineOptions options) {
            openRunners++;
            return new Runner();
        }

        @Override
        public void close() {
            closed = true;
        }

        private final class Runner implements ModelRunner {
            @Override
            public RunnerLimits limits() {
                return new RunnerLimits(64, 1, 16, 16, 16, 1);
            }

            @Override
            public StepResult execute(StepPlan plan) {
                return new StepResult.Failed("it computes nothing");
            }

            @Override
            public void close() {
                openRunners--;
            }
        }
    }
}
