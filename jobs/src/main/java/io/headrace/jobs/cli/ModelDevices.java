package io.headrace.jobs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.Device;
import io.headrace.inference.DeviceInfo;
import io.headrace.inference.DeviceMemory;
import io.headrace.inference.DevicesFound;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.MemoryEstimate;
import io.headrace.inference.ModelInspection;
import io.headrace.inference.llama.LlamaDevices;
import java.util.ArrayList;
import java.util.List;

/** The GPUs of this machine, and whether a model fits them. */
final class ModelDevices {

    private ModelDevices() {}

    /** Describes each GPU, or for each kind why there is none. */
    static List<ObjectNode> of(ModelInspection model, EngineOptions options) {
        List<ObjectNode> devices = new ArrayList<>();
        for (Device.Kind kind : List.of(Device.Kind.CUDA, Device.Kind.VULKAN)) {
            DevicesFound found = LlamaDevices.find(kind, options);
            if (found.devices().isEmpty()) {
                devices.add(
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("device", kind.written())
                                .put("obstacle", found.obstacle()));
            }
            for (DeviceInfo gpu : found.devices()) {
                devices.add(described(gpu, model, options.withDevice(gpu.device()).sized()));
            }
        }
        return devices;
    }

    private static ObjectNode described(
            DeviceInfo gpu, ModelInspection model, EngineOptions options) {
        DeviceMemory memory = LlamaDevices.get(options).memory();
        MemoryEstimate estimate = MemoryEstimate.of(model, 0, options);
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("device", gpu.device().toString());
        node.put("description", gpu.description());
        node.put("freeBytes", memory.freeBytes());
        node.put("totalBytes", memory.totalBytes());
        node.put("neededBytes", estimate.total());
        estimate.obstacle(memory).ifPresent(reason -> node.put("obstacle", reason));
        return node;
    }

    /** Returns one of them as a line. */
    static String text(JsonNode device) {
        String name = device.get("device").asText();
        if (!device.has("description")) {
            return name + ": none; " + device.get("obstacle").asText();
        }
        String fits =
                device.has("obstacle")
                        ? "does not fit: " + device.get("obstacle").asText()
                        : "fits";
        return String.format(
                "%s: %s, %d of %d MiB free, %d MiB needed; %s",
                name,
                device.get("description").asText(),
                device.get("freeBytes").asLong() >> 20,
                device.get("totalBytes").asLong() >> 20,
                device.get("neededBytes").asLong() >> 20,
                fits);
    }
}
