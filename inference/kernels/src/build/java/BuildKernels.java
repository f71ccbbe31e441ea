import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Build step: compiles the CPU engine with the system's C compiler.
 *
 * <p>Run as {@code java BuildKernels.java library <module> <classes folder>} for the shared library
 * as a resource, or {@code java BuildKernels.java test <module> <target folder> <shapes>
 * <plain or sanitize>} to compile the C tests and run them. The compiler is the one that
 * CC names, or cc. Where there is none, or it is too old, the library is left out and the build goes
 * on.
 */
final class BuildKernels {

    private static final List<String> FLAGS =
            List.of(
                    "-O3",
                    "-std=gnu11",
                    "-ffp-contract=off",
                    "-fno-math-errno",
                    "-fno-trapping-math",
                    "-fPIC",
                    "-fvisibility=hidden",
                    "-Wall",
                    "-Wextra");

    private static final List<String> SANITIZERS =
            List.of("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all");

    private static final List<String> AVX2 = List.of("-mavx2", "-mfma", "-mf16c");

    /** Sources for one kind of processor, with the instructions that they may use. */
    private static final Map<String, List<String>> X64_ONLY =
            Map.of(
                    "isa_avx2.c",
                    List.of(),
                    "isa_avxvnni.c",
                    List.of("-mavxvnni"),
                    "isa_avx512.c",
                    List.of(
                            "-mavx512f",
                            "-mavx512bw",
                            "-mavx512vl",
                            "-mavx512dq",
                            "-mavx512vnni"));

    private final String compiler = System.getenv().getOrDefault("CC", "cc");
    private final Path module;

    private BuildKernels(Path module) {
        this.module = module;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        BuildKernels build = new BuildKernels(Path.of(arguments[1]));
        Path target = Path.of(arguments[2]);
        if (System.getProperty("os.name").startsWith("Windows") || !build.hasCompiler()) {
            System.out.println(
                    "[WARNING] There is no C compiler that is new enough ("
                            + build.compiler
                            + "): headrace's CPU engine is left out, and llama.cpp computes"
                            + " everything.");
            return;
        }
        if (arguments[0].equals("library")) {
            build.library(target);
        } else {
            build.test(target, arguments[3], arguments[4].equals("sanitize"));
        }
    }

    /** Whether there are a compiler that knows all instructions we use, headers and a linker. */
    private boolean hasCompiler() throws IOException, InterruptedException {
        Path source = Files.createTempFile("headrace-probe", ".c");
        Path program = Files.createTempFile("headrace-probe", ".out");
        try {
            Files.writeString(
                    source, "#include <math.h>\n#include <pthread.h>\nint main(void) {}\n");
            List<String> command = new ArrayList<>(List.of(compiler, source.toString()));
            if (platform().endsWith("x64")) {
                command.addAll(AVX2);
                X64_ONLY.values().forEach(command::addAll);
            }
            command.addAll(List.of("-lm", "-lpthread", "-o", program.toString()));
            return run(command, ProcessBuilder.Redirect.DISCARD) == 0;
        } catch (IOException missing) {
            return false;
        } finally {
            Files.delete(source);
            Files.deleteIfExists(program);
        }
    }

    private void library(Path classes) throws IOException, InterruptedException {
        Path folder = classes.resolve("io/headrace/kernels").resolve(platform());
        Path library = folder.resolve("libheadrace-kernels.so");
        if (isNewer(library, sources("src/main/c"))) {
            return;
        }
        Files.createDirectories(folder);
        Path objects = classes.resolveSibling("objects");
        List<String> command = new ArrayList<>(List.of(compiler, "-shared", "-o"));
        command.add(library.toString());
        command.addAll(compile(objects, List.of()));
        if (platform().startsWith("linux")) {
            command.add("-Wl,-z,nodelete"); // The pool's threads never leave it.
        }
        command.addAll(List.of("-lm", "-lpthread"));
        require(command);
    }

    private void test(Path target, String shapes, boolean sanitized)
            throws IOException, InterruptedException {
        Path objects = target.resolve(sanitized ? "sanitized-objects" : "objects");
        List<String> flags = sanitized ? SANITIZERS : List.of();
        Path program = target.resolve(sanitized ? "kernels_test_sanitized" : "kernels_test");
        List<String> compiled = compile(objects, flags);
        List<String> command = new ArrayList<>(List.of(compiler));
        command.addAll(List.of("-g", "-O1", "-std=gnu11", "-Wall", "-Wextra", "-Werror"));
        command.add("-I" + module.resolve("src/main/c"));
        command.addAll(flags);
        sources("src/test/c").stream()
                .map(Path::toString)
                .filter(BuildKernels::isC)
                .forEach(command::add);
        command.addAll(compiled);
        command.addAll(List.of("-lm", "-lpthread", "-o", program.toString()));
        require(command);
        require(List.of(program.toString(), shapes));
    }

    /** Compiles what this processor's kind has a use for, and returns the object files. */
    private List<String> compile(Path folder, List<String> more)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        List<String> objects = new ArrayList<>();
        for (Path source : sources("src/main/c")) {
            String name = source.getFileName().toString();
            boolean x64 = X64_ONLY.containsKey(name);
            if (!isC(name) || (x64 && !platform().endsWith("x64"))) {
                continue;
            }
            Path object = folder.resolve(name.replace(".c", ".o"));
            objects.add(object.toString());
            if (isNewer(object, sources("src/main/c"))) {
                continue;
            }
            List<String> command = new ArrayList<>(List.of(compiler));
            command.addAll(FLAGS);
            command.addAll(more);
            if (x64) {
                command.addAll(AVX2);
                command.addAll(X64_ONLY.get(name));
            }
            command.addAll(List.of("-c", source.toString(), "-o", object.toString()));
            require(command);
        }
        return objects;
    }

    private List<Path> sources(String folder) throws IOException {
        try (Stream<Path> files = Files.list(module.resolve(folder))) {
            return files.sorted().toList();
        }
    }

    private static boolean isC(String name) {
        return name.endsWith(".c");
    }

    private static boolean isNewer(Path file, List<Path> sources) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        for (Path source : sources) {
            if (Files.getLastModifiedTime(source).compareTo(Files.getLastModifiedTime(file)) > 0) {
                return false;
            }
        }
        return true;
    }

    private static String platform() {
        String system =
                System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac")
                        ? "mac"
                        : "linux";
        String processor = System.getProperty("os.arch");
        return system
                + "-"
                + switch (processor) {
                    case "amd64", "x86_64" -> "x64";
                    case "aarch64" -> "arm64";
                    default -> processor;
                };
    }

    private static void require(List<String> command) throws IOException, InterruptedException {
        int code = run(command, ProcessBuilder.Redirect.INHERIT);
        if (code != 0) {
            System.err.println(String.join(" ", command) + " ended with " + code);
            System.exit(1);
        }
    }

    private static int run(List<String> command, ProcessBuilder.Redirect output)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        return builder.redirectOutput(output).start().waitFor();
    }
}
