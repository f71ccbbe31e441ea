import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Build step: fetches prebuilt llama.cpp libraries with npm, as pinned in a lock file, and packs
 * them with an index into the module's classes.
 *
 * <p>Run as {@code java PackNatives.java <folder of package.json> <npm package> <classes folder>
 * [<resource folder> <library>]}. With the last two only that library is packed: GPU packages hold
 * the same libraries for the processor as the plain one, byte for byte. npm runs only when the lock
 * file changed since the last time.
 */
final class PackNatives {

    private static final Pattern LIBRARY =
            Pattern.compile("(lib)?(llama|ggml|ggml-[a-z0-9-]+)(\\.v[0-9.]+)?\\.(so|dylib|dll|metal)");
    private static final String STAMP = ".headrace-lock-digest";

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        String name = arguments[1];
        String resources = arguments.length > 3 ? arguments[3] : name;
        Path target = Path.of(arguments[2], "io", "headrace", "natives", resources);
        Pattern wanted =
                arguments.length > 3
                        ? Pattern.compile(Pattern.quote("lib" + arguments[4] + ".so"))
                        : LIBRARY;
        fetch(folder, name);
        Path module = folder.resolve("node_modules/@node-llama-cpp").resolve(name);
        TreeMap<String, Path> libraries = libraries(module.resolve("bins"), wanted);
        pack(libraries, target, field(module.resolve("package.json"), "version"));
    }

    /** What npm calls the platform, so that any host can pack for any of them. */
    private static List<String> npmFlags(String name) {
        String processor = name.startsWith("linux-arm64") ? "arm64" : "x64";
        return List.of("--os=linux", "--cpu=" + processor, "--libc=glibc");
    }

    private static TreeMap<String, Path> libraries(Path binaries, Pattern wanted)
            throws IOException {
        TreeMap<String, Path> libraries = new TreeMap<>();
        if (Files.isDirectory(binaries)) {
            try (Stream<Path> files = Files.walk(binaries)) {
                files.filter(file -> wanted.matcher(file.getFileName().toString()).matches())
                        .forEach(file -> libraries.put(file.getFileName().toString(), file));
            }
        }
        if (libraries.isEmpty()) {
            fail("npm left no libraries in " + binaries + "; remove node_modules and build again");
        }
        return libraries;
    }

    private static void fetch(Path folder, String name) throws IOException, InterruptedException {
        String digest = sha256(folder.resolve("package-lock.json"));
        Path stamp = folder.resolve("node_modules").resolve(STAMP);
        if (Files.exists(stamp) && Files.readString(stamp).equals(digest)) {
            return;
        }
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        List<String> command = new ArrayList<>(List.of(windows ? "npm.cmd" : "npm", "ci"));
        command.addAll(npmFlags(name));
        Process npm;
        try {
            npm =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException notFound) {
            fail("npm is needed to fetch the llama.cpp libraries and was not found on the PATH");
            return;
        }
        String output =
                new String(npm.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (npm.waitFor() != 0) {
            fail("'" + String.join(" ", command) + "' failed in " + folder + ":\n" + output);
        }
        Files.writeString(stamp, digest);
    }

    private static void pack(TreeMap<String, Path> libraries, Path target, String version)
            throws IOException {
        StringBuilder lines = new StringBuilder();
        Files.createDirectories(target);
        for (Map.Entry<String, Path> library : libraries.entrySet()) {
            String digest = sha256(library.getValue());
            long size = Files.size(library.getValue());
            lines.append(digest + " " + size + " " + library.getKey() + "\n");
            Path copy = target.resolve(library.getKey());
            if (!Files.exists(copy) || !sha256(copy).equals(digest)) {
                copy(library.getValue(), copy);
            }
        }
        String header = "package " + version + "\nllama.cpp " + release(libraries) + "\n";
        Files.writeString(target.resolve("index.txt"), header + lines);
        removeStrangers(target, libraries);
    }

    /** Links where that is possible: GPU libraries are large. */
    private static void copy(Path library, Path copy) throws IOException {
        Files.deleteIfExists(copy);
        try {
            Files.createLink(copy, library);
        } catch (IOException | UnsupportedOperationException e) {
            Files.copy(library, copy);
        }
    }

    private static void removeStrangers(Path target, Map<String, Path> libraries)
            throws IOException {
        List<Path> packed;
        try (Stream<Path> files = Files.list(target)) {
            packed = files.toList();
        }
        for (Path file : packed) {
            String name = file.getFileName().toString();
            if (!name.equals("index.txt") && !libraries.containsKey(name)) {
                Files.delete(file);
            }
        }
    }

    private static String release(TreeMap<String, Path> libraries) throws IOException {
        Path metadata = libraries.firstEntry().getValue().resolveSibling("_nlcBuildMetadata.json");
        // An extension package has none; its version says what it belongs to.
        return Files.exists(metadata) ? field(metadata, "release") : "of this package";
    }

    private static String field(Path json, String name) throws IOException {
        Matcher matcher =
                Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]+)\"")
                        .matcher(Files.readString(json));
        if (!matcher.find()) {
            fail(json + " has no " + name);
        }
        return matcher.group(1);
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in =
                new DigestInputStream(
                        Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(((DigestInputStream) in).getMessageDigest().digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void fail(String message) {
        System.err.println(message);
        System.exit(1);
    }
}
