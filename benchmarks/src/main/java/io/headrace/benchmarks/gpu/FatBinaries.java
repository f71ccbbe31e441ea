package io.headrace.benchmarks.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeSet;

/**
 * Thins a CUDA library for one generation of GPUs: code for others is overwritten with zeros, which
 * compress to nothing. The library keeps its size and layout, and CUDA never reads that code.
 *
 * <p>A library holds containers (magic number, version, size of the head, size of what follows) of
 * entries (kind, version, size of the head, size of the code, …, architecture at byte 28). Kind 1
 * is PTX, which the driver compiles for any newer GPU; kind 2 is machine code for one generation.
 * Run as {@code FatBinaries <library> <folder of classes> <resource folder> <architecture, for
 * instance 90>}.
 */
public final class FatBinaries {

    private static final int MAGIC = 0xBA55ED50;
    private static final int CONTAINER_HEAD = 16;
    private static final int PTX = 1;
    private static final int MACHINE_CODE = 2;

    private FatBinaries() {}

    public static void main(String[] arguments) throws IOException {
        Path library = Path.of(arguments[0]);
        String name = library.getFileName().toString();
        byte[] bytes = Files.readAllBytes(library);
        int kept = thin(bytes, Integer.parseInt(arguments[3]));
        Path folder = Path.of(arguments[1], "io", "headrace", "natives", arguments[2]);
        Files.createDirectories(folder);
        Files.write(folder.resolve(name), bytes);
        Files.writeString(
                folder.resolve("index.txt"),
                "package thinned\n" + sha256(bytes) + " " + bytes.length + " " + name + "\n");
        System.err.printf("%s keeps code for architecture %d%n", name, kept);
    }

    /**
     * Overwrites what a GPU does not need.
     *
     * @return the architecture whose code is kept: that of the GPU as machine code, or else the
     *     newest PTX that it can have compiled
     */
    static int thin(byte[] bytes, int wanted) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        TreeSet<Integer> ptx = new TreeSet<>();
        TreeSet<Integer> code = new TreeSet<>();
        walk(
                buffer,
                (kind, architecture, from, size) -> (kind == PTX ? ptx : code).add(architecture));
        boolean machineCode = code.contains(wanted);
        Integer keep = machineCode ? Integer.valueOf(wanted) : ptx.floor(wanted);
        if (keep == null) {
            throw new IllegalArgumentException(
                    "there is no code for architecture "
                            + wanted
                            + ", only "
                            + code
                            + " and PTX "
                            + ptx);
        }
        int keptKind = machineCode ? MACHINE_CODE : PTX;
        walk(
                buffer,
                (kind, architecture, from, size) -> {
                    if (kind != keptKind || architecture != keep) {
                        java.util.Arrays.fill(bytes, from, from + size, (byte) 0);
                    }
                });
        return keep;
    }

    private interface Entry {
        void visit(int kind, int architecture, int from, int size);
    }

    private static void walk(ByteBuffer buffer, Entry visitor) {
        int at = 0;
        while (at + CONTAINER_HEAD <= buffer.limit()) {
            long size = buffer.getLong(Math.min(at + 8, buffer.limit() - 8));
            boolean container =
                    buffer.getInt(at) == MAGIC
                            && buffer.getShort(at + 6) == CONTAINER_HEAD
                            && size > 0
                            && size <= buffer.limit() - at - CONTAINER_HEAD;
            if (!container) {
                at += 8;
                continue;
            }
            int end = at + CONTAINER_HEAD + (int) size;
            at += CONTAINER_HEAD;
            while (at < end) {
                int kind = buffer.getShort(at);
                int head = buffer.getInt(at + 4);
                int length = (int) buffer.getLong(at + 8);
                boolean known = kind == PTX || kind == MACHINE_CODE;
                if (!known || length < 0 || at + head + length > end) {
                    throw new IllegalArgumentException("an unknown form of fat binary at " + at);
                }
                visitor.visit(kind, buffer.getInt(at + 28), at + head, length);
                at += head + length;
            }
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
