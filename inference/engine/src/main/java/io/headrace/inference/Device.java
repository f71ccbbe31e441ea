package io.headrace.inference;

import java.io.Serializable;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a model is computed: {@code auto}, {@code cpu}, {@code cuda}, {@code vulkan}, the last two
 * also with a number behind a colon.
 *
 * @param kind the kind of device
 * @param index which one of its kind, counted from 0, or negative for the one that suits; with
 *     {@code auto} the NVIDIA GPU to take if there are any
 */
public record Device(Kind kind, int index) implements Serializable {

    private static final long serialVersionUID = 1L;

    /** A GPU that is there, or else the processor. */
    public static final Device AUTO = new Device(Kind.AUTO, -1);

    /** The processor. */
    public static final Device CPU = new Device(Kind.CPU, -1);

    private static final Pattern WRITTEN =
            Pattern.compile("(cpu)|(?:(auto|cuda|vulkan)(?::(\\d{1,3}))?)");

    /** The kinds of devices. */
    public enum Kind {
        /** Whatever is there, GPUs first. */
        AUTO,
        /** The processor. */
        CPU,
        /** NVIDIA's GPUs. */
        CUDA,
        /** GPUs with a Vulkan driver. */
        VULKAN;

        /** Returns whether this is a kind of GPU. */
        public boolean isGpu() {
            return this == CUDA || this == VULKAN;
        }

        /** Returns the name as pipeline files have it. */
        public String written() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Device {
        Objects.requireNonNull(kind, "kind");
        if (index >= 0 && kind == Kind.CPU) {
            throw new IllegalArgumentException("only GPUs have numbers, not the processor");
        }
        index = Math.max(index, -1);
    }

    /** The GPU with a number. */
    public static Device gpu(Kind kind, int index) {
        return new Device(kind, index);
    }

    /**
     * Reads what {@link #toString()} returns.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static Device of(String text) {
        Matcher matcher = WRITTEN.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "device must be auto, cpu, cuda, cuda:N, vulkan or vulkan:N, N counted from 0,"
                            + " not '"
                            + text
                            + "'");
        }
        if (matcher.group(1) != null) {
            return CPU;
        }
        Kind kind = Kind.valueOf(matcher.group(2).toUpperCase(Locale.ROOT));
        return new Device(kind, matcher.group(3) == null ? -1 : Integer.parseInt(matcher.group(3)));
    }

    /** Returns which one of its kind, if that is said. */
    public OptionalInt number() {
        return index < 0 ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /** Returns the text as pipeline files have it. */
    @Override
    public String toString() {
        return index < 0 ? kind.written() : kind.written() + ":" + index;
    }
}
