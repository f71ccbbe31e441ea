package io.headrace.inference;

/**
 * Memory of a GPU, in bytes.
 *
 * @param freeBytes what is free now
 * @param totalBytes what it has
 */
public record DeviceMemory(long freeBytes, long totalBytes) {}
