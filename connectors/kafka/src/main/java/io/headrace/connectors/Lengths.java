package io.headrace.connectors;

/** Describes byte arrays by their length alone: contents belong in no log. */
final class Lengths {

    private Lengths() {}

    static String of(byte[] bytes) {
        return bytes == null ? "null" : bytes.length + " bytes";
    }
}
