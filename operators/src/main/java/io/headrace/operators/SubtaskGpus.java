package io.headrace.operators;

import io.headrace.inference.Device;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * The GPUs that Flink's external resource framework gives a TaskManager, and which of them is a
 * subtask's: they take turns, since Flink shows all subtasks of a TaskManager the same ones.
 *
 * @param indices numbers of the GPUs, as Flink's GPU plugin found them
 * @param subtask number of the subtask
 */
public record SubtaskGpus(List<Integer> indices, int subtask) {

    /** Outside of Flink, or where the cluster has no external resource {@link #RESOURCE}. */
    public static final SubtaskGpus NONE = new SubtaskGpus(List.of(), 0);

    /** Name of the resource in Flink's configuration. */
    static final String RESOURCE = "gpu";

    /** Property in which Flink's GPU plugin names a GPU. */
    private static final String INDEX = "index";

    public SubtaskGpus {
        indices = List.copyOf(indices);
    }

    static SubtaskGpus of(RuntimeContext context) {
        List<Integer> indices =
                context.getExternalResourceInfos(RESOURCE).stream()
                        .map(SubtaskGpus::index)
                        .flatMap(Optional::stream)
                        .sorted(Comparator.naturalOrder())
                        .toList();
        return new SubtaskGpus(indices, context.getTaskInfo().getIndexOfThisSubtask());
    }

    private static Optional<Integer> index(ExternalResourceInfo gpu) {
        return gpu.getProperty(INDEX)
                .map(String::strip)
                .filter(text -> text.matches("\\d{1,3}"))
                .map(Integer::valueOf);
    }

    /**
     * Returns the device with the number of this subtask's GPU, where Flink gave any and it was
     * left open.
     */
    Device choose(Device asked) {
        boolean open = asked.kind() == Device.Kind.AUTO || asked.kind() == Device.Kind.CUDA;
        if (!open || asked.number().isPresent() || indices.isEmpty()) {
            return asked;
        }
        return new Device(asked.kind(), indices.get(subtask % indices.size()));
    }
}
