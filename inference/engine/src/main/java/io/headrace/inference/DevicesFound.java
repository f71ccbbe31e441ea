package io.headrace.inference;

import java.util.List;

/**
 * The GPUs of one kind that can be used.
 *
 * @param devices in the order in which they are numbered
 * @param obstacle where there are none: why not and what to do, a sentence without its full stop
 */
public record DevicesFound(List<DeviceInfo> devices, String obstacle) {

    public DevicesFound {
        devices = List.copyOf(devices);
    }

    /** None, for a reason. */
    public static DevicesFound none(String obstacle) {
        return new DevicesFound(List.of(), obstacle);
    }
}
