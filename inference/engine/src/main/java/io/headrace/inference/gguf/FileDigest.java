package io.headrace.inference.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

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
public final class FileDigest {

    private FileDigest() {}

    /**
     * The digest of files.
     *
     * @throws ModelLoadException if one cannot be read
     */
    public static String sha256(List<Path> parts) {
        return sha256("", parts);
    }

    /**
     * The digest of files that have a digest, with more of them; the same where there are no more.
     *
     * @throws ModelLoadException if one cannot be read
     */
    public static String with(String digest, List<Path> more) {
        return more.isEmpty() ? digest : sha256(digest, more);
    }

    private static String sha256(String before, List<Path> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(before.getBytes(UTF_8));
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
