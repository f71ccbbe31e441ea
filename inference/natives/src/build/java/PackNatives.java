import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
 * Build step: fetches one platform's prebuilt llama.cpp libraries with npm, as pinned in that
 * platform's lock file, and packs them with an index into the module's classes.
 *
 * <p>Run as {@code java PackNatives.java <folder of package.json> <platform> <classes folder>}. npm
 * runs only when the lock file changed since the last time.
 */
final class PackNatives {

    private static final Pattern LIBRARY =
            Pattern.compile("(lib)?(llama|ggml|ggml-[a-z0-9-]+)(\\.v[0-9.]+)?\\.(so|dylib|dll|metal)");
    private static final String STAMP = ".headrace-lock-digest";

    /** What npm calls the platforms, so that any host can pack for any of them. */
    private static final Map<String, List<String>> NPM_FLAGS =
            Map.of(
                    "linux-x64", List.of("--os=linux", "--cpu=x64", "--libc=glibc"),
                    "linux-arm64", List.of("--os=linux", "--cpu=arm64", "--libc=glibc"));

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        String platform = arguments[1];
        Path target = Path.of(arguments[2], "io", "headrace", "natives", platform);
        fetch(folder, platform);
        Path module = folder.resolve("node_modules/@node-llama-cpp").resolve(platform);
        Path binaries = module.resolve("bins").resolve(platform);
        if (!Files.isDirectory(binaries)) {
            fail("npm left no libraries in " + binaries + "; remove node_modules and build again");
        }
        pack(binaries, target, packageVersion(module.resolve("package.json")), release(binaries));
    }

    private static void fetch(Path folder, String platform)
            throws IOException, InterruptedException {
        String digest = sha256(folder.resolve("package-lock.json"));
        Path stamp = folder.resolve("node_modules").resolve(STAMP);
        if (Files.exists(stamp) && Files.readString(stamp).equals(digest)) {
            return;
        }
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        List<String> command = new ArrayList<>(List.of(windows ? "npm.cmd" : "npm", "ci"));
        command.addAll(NPM_FLAGS.getOrDefault(platform, List.of()));
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

    private static void pack(Path binaries, Path target, String version, String release)
            throws IOException {
        TreeMap<String, Path> libraries = new TreeMap<>();
        try (Stream<Path> files = Files.list(binaries)) {
            files.filter(file -> LIBRARY.matcher(file.getFileName().toString()).matches())
                    .forEach(file -> libraries.put(file.getFileName().toString(), file));
        }
        StringBuilder lines = new StringBuilder();
        Files.createDirectories(target);
        for (Map.Entry<String, Path> library : libraries.entrySet()) {
            String digest = sha256(library.getValue());
            long size = Files.size(library.getValue());
            lines.append(digest + " " + size + " " + library.getKey() + "\n");
            Path copy = target.resolve(library.getKey());
            if (!Files.exists(copy) || !sha256(copy).equals(digest)) {
                Files.copy(library.getValue(), copy, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        if (libraries.isEmpty()) {
            fail("no library in " + binaries);
        }
        String header = "package " + version + "\nllama.cpp " + release + "\n";
        Files.writeString(target.resolve("index.txt"), header + lines);
        removeStrangers(target, libraries);
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

    private static String packageVersion(Path packageJson) throws IOException {
        return field(packageJson, "version");
    }

    private static String release(Path binaries) throws IOException {
        return field(binaries.resolve("_nlcBuildMetadata.json"), "release");
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
