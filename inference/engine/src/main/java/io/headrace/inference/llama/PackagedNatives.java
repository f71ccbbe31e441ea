package io.headrace.inference.llama;

import io.headrace.inference.ModelLoadException;
import io.headrace.inference.logits.KernelsLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The prebuilt llama.cpp libraries of one platform, packed as resources beside an index.
 *
 * <p>They are unpacked once for each version and content into {@code <cache>/<version>-<digest>}:
 * first into a folder of its own beside it, which is then renamed, so that any number of processes
 * may start at once and a folder under its final name is always whole.
 */
final class PackagedNatives {

    private record Entry(String digest, long size, String name) {}

    private final String resources;
    private final String folderName;
    private final List<Entry> entries;

    private PackagedNatives(String resources, String folderName, List<Entry> entries) {
        this.resources = resources;
        this.folderName = folderName;
        this.entries = entries;
    }

    /** Returns whether libraries are packaged under this name. */
    static boolean isThere(String name) {
        return PackagedNatives.class.getResource(index(name)) != null;
    }

    private static String index(String name) {
        return "/io/headrace/natives/" + name + "/index.txt";
    }

    static PackagedNatives forThisPlatform() {
        return forPlatform(KernelsLibrary.platform());
    }

    static PackagedNatives forPlatform(String platform) {
        String resources = "/io/headrace/natives/" + platform + "/";
        try (InputStream in = PackagedNatives.class.getResourceAsStream(index(platform))) {
            if (in == null) {
                throw new ModelLoadException(
                        "No llama.cpp libraries are packaged for "
                                + platform
                                + " (looked for the resource "
                                + resources
                                + "index.txt); build llama.cpp "
                                + LlamaBinding.RELEASE
                                + " as shared libraries and name their folder as the natives"
                                + " directory.");
            }
            byte[] index = in.readAllBytes();
            List<Entry> entries = new ArrayList<>();
            String version = "";
            for (String line : new String(index, StandardCharsets.UTF_8).split("\n", -1)) {
                String[] words = line.split(" ", -1);
                if (words.length == 2 && words[0].equals("package")) {
                    version = words[1];
                } else if (words.length == 3) {
                    entries.add(new Entry(words[0], Long.parseLong(words[1]), words[2]));
                }
            }
            String digest = HexFormat.of().formatHex(sha256().digest(index)).substring(0, 16);
            return new PackagedNatives(resources, version + "-" + digest, entries);
        } catch (IOException e) {
            throw new ModelLoadException("The packaged llama.cpp libraries cannot be read.", e);
        }
    }

    /** Returns the folder that holds the libraries, unpacking them where they are missing. */
    Path unpack(Path cache) {
        Path folder = cache.resolve(folderName);
        if (isWhole(folder)) {
            return folder;
        }
        try {
            Files.createDirectories(cache);
            Path fresh = Files.createTempDirectory(cache, folderName + ".");
            try {
                for (Entry entry : entries) {
                    copy(entry, fresh.resolve(entry.name()));
                }
                moveIntoPlace(fresh, folder);
            } finally {
                deleteFolder(fresh);
            }
        } catch (IOException e) {
            throw new ModelLoadException(
                    "The llama.cpp libraries cannot be unpacked to "
                            + folder
                            + " ("
                            + e
                            + "); make the folder writable with "
                            + totalSize() / (1 << 20)
                            + " MiB free, or name a natives directory.",
                    e);
        }
        return folder;
    }

    private boolean isWhole(Path folder) {
        for (Entry entry : entries) {
            try {
                if (Files.size(folder.resolve(entry.name())) != entry.size()) {
                    return false;
                }
            } catch (IOException missing) {
                return false;
            }
        }
        return true;
    }

    private void copy(Entry entry, Path target) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = PackagedNatives.class.getResourceAsStream(resources + entry.name());
                OutputStream out = new DigestOutputStream(Files.newOutputStream(target), digest)) {
            if (in == null) {
                throw new IOException("the package lacks " + entry.name());
            }
            in.transferTo(out);
        }
        if (!HexFormat.of().formatHex(digest.digest()).equals(entry.digest())) {
            throw new IOException("the packaged " + entry.name() + " is damaged");
        }
    }

    private void moveIntoPlace(Path fresh, Path folder) throws IOException {
        if (Files.exists(folder) && !isWhole(folder)) {
            // Left by a crash or a meddling hand: step aside so that the rename can succeed.
            Path aside = Files.createTempDirectory(folder.getParent(), folderName + ".damaged.");
            Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
            deleteFolder(aside);
        }
        try {
            Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            // Another process was first.
            if (!isWhole(folder)) {
                throw e;
            }
        }
    }

    private static void deleteFolder(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(folder)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }

    private long totalSize() {
        return entries.stream().mapToLong(Entry::size).sum();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
