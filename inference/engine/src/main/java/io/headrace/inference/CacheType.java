package io.headrace.inference;

import java.util.Arrays;

/** How the numbers of keys and values stand in the KV cache. */
public enum CacheType {
    /** In half precision. */
    F16("f16"),
    /** In eight bits, of which 32 share a scale in half precision. */
    Q8("q8");

    /** Numbers of a head that share a scale: heads must be a multiple of it wide. */
    public static final int GROUP = 32;

    private final String written;

    CacheType(String written) {
        this.written = written;
    }

    /** Returns it as pipeline files have it. */
    public String written() {
        return written;
    }

    /** Returns the bytes of what takes so many in half precision. */
    public long bytes(long inHalves) {
        return this == F16 ? inHalves : inHalves / (2 * GROUP) * (GROUP + 2);
    }

    /**
     * Reads what {@link #written()} returns.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static CacheType of(String text) {
        return Arrays.stream(values())
                .filter(each -> each.written.equals(text))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "cacheType must be f16 or q8, not '" + text + "'"));
    }
}
