package io.headrace.inference;

import io.headrace.inference.cpu.CpuLoadedModel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses what computes a model where the options leave it open. */
final class BackendChoice {

    private static final Logger LOG = LoggerFactory.getLogger(BackendChoice.class);

    private BackendChoice() {}

    /** Returns the engine to use, and says so where it was open. */
    static Backend of(EngineOptions options) {
        if (options.backend() != Backend.AUTO) {
            return options.backend();
        }
        String obstacle = CpuLoadedModel.obstacle(options).orElse(null);
        if (obstacle == null) {
            LOG.info("{} runs on headrace's own CPU engine", options.modelPath());
            return Backend.HEADRACE;
        }
        LOG.info(
                "{} runs on llama.cpp, not on headrace's own CPU engine: {}",
                options.modelPath(),
                obstacle);
        return Backend.LLAMA_CPP;
    }
}
