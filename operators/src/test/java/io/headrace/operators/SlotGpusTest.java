package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.Device;
import io.headrace.inference.GpuDealer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.TaskInfoImpl;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.junit.jupiter.api.Test;

/** Which GPU of a TaskManager the models of a slot take. */
class SlotGpusTest {

    private final GpuDealer dealer = new GpuDealer();

    @Test
    void slotsTakeTheGpuThatFewestHaveWhateverTheirSubtasksAreCalled() {
        assertThat(place("slot-a", Device.AUTO)).hasToString("auto:2");
        assertThat(place("slot-b", Device.of("cuda"))).hasToString("cuda:5");
        assertThat(place("slot-c", Device.of("cuda"))).hasToString("cuda:2");
        assertThat(place("slot-d", Device.of("cuda"))).hasToString("cuda:5");
    }

    @Test
    void allModelsOfASlotAreOnOneGpu() {
        assertThat(place("slot-a", Device.AUTO)).hasToString("auto:2");
        assertThat(place("slot-a", Device.of("cuda"))).hasToString("cuda:2");
        assertThat(place("slot-b", Device.AUTO)).hasToString("auto:5");
    }

    @Test
    void aGpuIsFreeAgainWhenTheLastModelOfASlotHasLeft() {
        SlotGpus.Place first = gpus("slot-a").choose(Device.AUTO, dealer);
        SlotGpus.Place second = gpus("slot-a").choose(Device.AUTO, dealer);
        first.close();
        assertThat(place("slot-b", Device.AUTO)).hasToString("auto:5");
        second.close();
        assertThat(place("slot-c", Device.AUTO)).hasToString("auto:2");
    }

    @Test
    void whatThePipelineNamesStays() {
        for (String named : List.of("cpu", "cuda:1", "vulkan", "vulkan:0")) {
            assertThat(place("slot-a", Device.of(named))).hasToString(named);
        }
        assertThat(SlotGpus.NONE.choose(Device.AUTO, dealer).device()).isEqualTo(Device.AUTO);
        assertThat(place("slot-b", Device.AUTO)).hasToString("auto:2");
    }

    @Test
    void theNumbersComeFromFlinksResourceAndTheSlotFromItsAllocation() {
        SlotGpus found =
                SlotGpus.of(
                        new TaskInfoImpl("enrich", 128, 7, 8, 0, "allocation"),
                        name ->
                                name.equals("gpu")
                                        ? Set.of(gpu("3"), gpu(" 1 "), gpu("GPU-5d0a"))
                                        : Set.of());
        assertThat(found).isEqualTo(new SlotGpus(List.of(1, 3), "allocation"));
    }

    private Device place(String slot, Device asked) {
        return gpus(slot).choose(asked, dealer).device();
    }

    private static SlotGpus gpus(String slot) {
        return new SlotGpus(List.of(2, 5), slot);
    }

    private static ExternalResourceInfo gpu(String index) {
        Map<String, String> properties = Map.of("index", index);
        return new ExternalResourceInfo() {
            @Override
            public Optional<String> getProperty(String key) {
                return Optional.ofNullable(properties.get(key));
            }

            @Override
            public Set<String> getKeys() {
                return properties.keySet();
            }
        };
    }
}
