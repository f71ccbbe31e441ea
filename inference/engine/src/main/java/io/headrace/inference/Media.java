package io.headrace.inference;

/**
 * An image or a sound beside a prompt.
 *
 * @param type its media type, for instance {@code image/png}
 * @param data its bytes; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Media(String type, byte[] data) {}
