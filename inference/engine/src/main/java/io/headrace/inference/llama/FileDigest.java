package io.headrace.inference.llama;

import io.headrace.inference.ModelLoadException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The SHA-256 of a model's files, one behind the other. */
final class FileDigest {

    private FileDigest() {}

    static String sha256(List<Path> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path part : parts) {
                update(digest, part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static void update(MessageDigest digest, Path path) {
        try (FileChannel channel = FileChannel.open(path)) {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 18);
            while (channel.read(buffer) >= 0) {
                digest.update(buffer.flip());
                buffer.clear();
            }
        } catch (IOException e) {
            throw new ModelLoadException("The model file " + path + " cannot be read: " + e, e);
        }
    }
}
