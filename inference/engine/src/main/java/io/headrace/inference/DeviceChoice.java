package io.headrace.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The device that was chosen for a model. Pure: what is there is given.
 *
 * @param device the processor, or a GPU with its number
 * @param reason what to tell of it at start
 */
record DeviceChoice(Device device, String reason) {

    /**
     * Chooses. {@code auto} takes an NVIDIA GPU, else a GPU with memory of its own and a Vulkan
     * driver, else the processor; what was asked for by name is never replaced.
     *
     * @param found looks for the GPUs of a kind
     * @throws ModelLoadException if the GPU that was asked for is not there
     */
    static DeviceChoice of(Device wanted, Function<Device.Kind, DevicesFound> found) {
        return switch (wanted.kind()) {
            case CPU -> new DeviceChoice(Device.CPU, "as asked for");
            case AUTO -> automatic(wanted, found);
            case CUDA, VULKAN -> named(wanted, found.apply(wanted.kind()));
        };
    }

    private static DeviceChoice automatic(
            Device wanted, Function<Device.Kind, DevicesFound> found) {
        List<String> obstacles = new ArrayList<>();
        for (Device.Kind kind : List.of(Device.Kind.CUDA, Device.Kind.VULKAN)) {
            DevicesFound some = found.apply(kind);
            int first = kind == Device.Kind.CUDA ? wanted.number().orElse(0) : 0;
            for (DeviceInfo each : some.devices()) {
                if (!each.integrated() && each.device().index() >= first) {
                    return new DeviceChoice(each.device(), description(each, some));
                }
            }
            obstacles.add(
                    some.devices().isEmpty()
                            ? some.obstacle()
                            : "no GPU of kind "
                                    + kind.written()
                                    + " has memory of its own and the number given; others are used"
                                    + " only when named");
        }
        return new DeviceChoice(Device.CPU, String.join("; ", obstacles));
    }

    private static DeviceChoice named(Device wanted, DevicesFound found) {
        if (found.devices().isEmpty()) {
            throw new ModelLoadException(
                    "Device "
                            + wanted
                            + " cannot be used: "
                            + found.obstacle()
                            + "; or write device auto, which falls back to the processor.");
        }
        int number = wanted.number().orElse(0);
        if (number >= found.devices().size()) {
            throw new ModelLoadException(
                    "Device "
                            + wanted
                            + " is not there; there are "
                            + found.devices().stream()
                                    .map(each -> each.device() + " (" + each.description() + ")")
                                    .collect(Collectors.joining(", "))
                            + ".");
        }
        DeviceInfo chosen = found.devices().get(number);
        return new DeviceChoice(chosen.device(), description(chosen, found));
    }

    private static String description(DeviceInfo chosen, DevicesFound all) {
        int others = all.devices().size() - 1;
        return others == 0
                ? chosen.description()
                : chosen.description() + ", one of " + (others + 1) + " of its kind";
    }
}
