package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.Device;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which GPU of a TaskManager a subtask takes. */
class SubtaskGpusTest {

    @Test
    void subtasksTakeTurnsOverTheGpusThatFlinkGives() {
        List<Integer> gpus = List.of(2, 5);
        assertThat(new SubtaskGpus(gpus, 0).choose(Device.AUTO)).hasToString("auto:2");
        assertThat(new SubtaskGpus(gpus, 1).choose(Device.of("cuda"))).hasToString("cuda:5");
        assertThat(new SubtaskGpus(gpus, 2).choose(Device.of("cuda"))).hasToString("cuda:2");
    }

    @Test
    void whatThePipelineNamesStays() {
        SubtaskGpus gpus = new SubtaskGpus(List.of(3), 0);
        for (String named : List.of("cpu", "cuda:1", "vulkan", "vulkan:0")) {
            assertThat(gpus.choose(Device.of(named))).hasToString(named);
        }
        assertThat(SubtaskGpus.NONE.choose(Device.AUTO)).isEqualTo(Device.AUTO);
    }
}
