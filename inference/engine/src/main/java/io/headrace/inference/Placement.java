package io.headrace.inference;

import io.headrace.inference.cpu.CpuLoadedModel;
import io.headrace.inference.llama.LlamaDevices;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What computes a model, and where.
 *
 * @param options what was asked for, with a device that is there and all numbers
 */
record Placement(EngineOptions options) {

    private static final Logger LOG = LoggerFactory.getLogger(Placement.class);

    /**
     * Chooses where options leave it open, and says what it chose.
     *
     * @param isLoaded whether the weights of such a model are on their device already
     * @throws ModelLoadException if the device that was asked for is not there, cannot be had from
     *     the backend, or is too small
     */
    static Placement of(EngineOptions options, Predicate<EngineOptions> isLoaded) {
        boolean cpuOnly = options.backend() == Backend.HEADRACE;
        if (cpuOnly && options.device().kind().isGpu()) {
            throw new ModelLoadException(
                    "Headrace's own CPU engine computes on the processor, not on "
                            + options.device()
                            + "; use engine llama.cpp or auto, or device cpu.");
        }
        if (cpuOnly) {
            return new Placement(options.withDevice(Device.CPU).sized());
        }
        DeviceChoice choice =
                DeviceChoice.of(options.device(), kind -> LlamaDevices.find(kind, options));
        if (!choice.device().kind().isGpu()) {
            return onProcessor(options, choice.reason());
        }
        EngineOptions placed =
                options.withBackend(Backend.LLAMA_CPP).withDevice(choice.device()).sized();
        LlamaDevices.Chosen device = LlamaDevices.get(placed);
        GpuFit fit = GpuFit.of(placed, device.memory(), isLoaded.test(placed));
        Optional<String> obstacle = fit.obstacle();
        if (obstacle.isEmpty()) {
            LOG.info("{} runs on {}: {}", options.modelPath(), choice.device(), choice.reason());
            return new Placement(fit.options());
        }
        if (options.device().kind() == Device.Kind.AUTO) {
            return onProcessor(options, choice.device() + " is too small: " + obstacle.get());
        }
        throw new ModelLoadException(
                options.modelPath()
                        + " does not fit "
                        + choice.device()
                        + " ("
                        + choice.reason()
                        + "): "
                        + obstacle.get()
                        + ".");
    }

    private static Placement onProcessor(EngineOptions asked, String reason) {
        EngineOptions options = asked.withDevice(Device.CPU).sized();
        if (asked.device().kind() == Device.Kind.AUTO) {
            LOG.info("{} runs on the processor: {}", options.modelPath(), reason);
        }
        if (options.backend() != Backend.AUTO) {
            return new Placement(options);
        }
        String obstacle = CpuLoadedModel.obstacle(options).orElse(null);
        if (obstacle == null) {
            LOG.info("{} runs on headrace's own CPU engine", options.modelPath());
            return new Placement(options.withBackend(Backend.HEADRACE));
        }
        LOG.info(
                "{} runs on llama.cpp, not on headrace's own CPU engine: {}",
                options.modelPath(),
                obstacle);
        return new Placement(options.withBackend(Backend.LLAMA_CPP));
    }
}
