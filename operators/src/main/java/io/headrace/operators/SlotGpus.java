package io.headrace.operators;

import io.headrace.inference.Device;
import io.headrace.inference.GpuDealer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;

/**
 * The GPUs that Flink's external resource framework gives a TaskManager, and a slot of it that
 * takes one of them. Flink shows each slot all of them, and the subtasks that run in a TaskManager
 * may have any numbers; so they are dealt out here.
 *
 * @param indices numbers of the GPUs, as Flink's GPU plugin found them
 * @param slot what tells the slot from others
 */
public record SlotGpus(List<Integer> indices, String slot) {

    /** Outside of Flink, or where the cluster has no external resource {@link #RESOURCE}. */
    public static final SlotGpus NONE = new SlotGpus(List.of(), "");

    /** Name of the resource in Flink's configuration. */
    static final String RESOURCE = "gpu";

    /** Property in which Flink's GPU plugin names a GPU. */
    private static final String INDEX = "index";

    public SlotGpus {
        indices = List.copyOf(indices);
    }

    /** Those of a subtask's slot; {@code resources} gives external resources by their name. */
    public static SlotGpus of(
            TaskInfo subtask, Function<String, Set<ExternalResourceInfo>> resources) {
        List<Integer> indices =
                resources.apply(RESOURCE).stream()
                        .map(SlotGpus::index)
                        .flatMap(Optional::stream)
                        .sorted()
                        .toList();
        return new SlotGpus(indices, subtask.getAllocationIDAsString());
    }

    private static Optional<Integer> index(ExternalResourceInfo gpu) {
        return gpu.getProperty(INDEX)
                .map(String::strip)
                .filter(text -> text.matches("\\d{1,3}"))
                .map(Integer::valueOf);
    }

    /**
     * Where a model of the slot computes; closed when it no longer does.
     *
     * @param device with the number of a GPU, where Flink gave any and it was left open
     */
    record Place(Device device, Runnable release) implements AutoCloseable {
        @Override
        public void close() {
            release.run();
        }
    }

    Place choose(Device asked, GpuDealer dealer) {
        boolean open = asked.kind() == Device.Kind.AUTO || asked.kind() == Device.Kind.CUDA;
        if (!open || asked.number().isPresent() || indices.isEmpty()) {
            return new Place(asked, () -> {});
        }
        int gpu = dealer.take(slot, indices);
        return new Place(new Device(asked.kind(), gpu), () -> dealer.giveBack(slot));
    }
}
