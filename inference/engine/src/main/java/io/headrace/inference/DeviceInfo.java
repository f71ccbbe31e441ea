package io.headrace.inference;

/**
 * A GPU that is there.
 *
 * @param device how pipeline files name it
 * @param description what its driver calls it
 * @param integrated whether it shares the processor's memory
 */
public record DeviceInfo(Device device, String description, boolean integrated) {}
