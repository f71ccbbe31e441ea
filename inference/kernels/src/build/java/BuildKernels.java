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
 * <checks>} to compile the C tests and run them. The checks are {@code plain}; {@code sanitize},
 * under gcc's sanitizers; or {@code arm}, cross-compiled for 64-bit Arm and run by qemu-user. On
 * x86-64 plain checks also run the instruction sets that this processor may not have, with their
 * instructions emulated. The compiler is the one that CC names, or cc. Where there is none, or it is
 * too old, the library is left out and the build goes on.
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

    private static final List<String> EMULATED = List.of("-O1", "-DHR_EMULATE", "-Wno-psabi");

    private static final String EMULATED_SHAPES = "20";

    private static final List<String> AVX2 = List.of("-mavx2", "-mfma", "-mf16c");

    /** Sources for x86-64, with the instructions that they may use besides AVX2. */
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

    /** Sources for 64-bit Arm. */
    private static final Map<String, List<String>> ARM_ONLY =
            Map.of("isa_neon.c", List.of("-march=armv8.2-a+dotprod"));

    private final String compiler;
    private final String platform;
    private final Path module;

    private BuildKernels(Path module, String compiler, String platform) {
        this.module = module;
        this.compiler = compiler;
        this.platform = platform;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        boolean arm = arguments.length > 4 && arguments[4].equals("arm");
        BuildKernels build =
                new BuildKernels(
                        Path.of(arguments[1]),
                        System.getenv().getOrDefault("CC", arm ? "aarch64-linux-gnu-gcc" : "cc"),
                        arm ? "linux-arm64" : platform());
        Path target = Path.of(arguments[2]);
        if (System.getProperty("os.name").startsWith("Windows") || !build.hasCompiler()) {
            System.out.println(
                    "[WARNING] Headrace: there is no C compiler that is new enough ("
                            + build.compiler
                            + "): headrace's CPU engine is left out, and llama.cpp computes"
                            + " everything.");
            return;
        }
        if (arguments[0].equals("library")) {
            build.library(target);
        } else {
            build.test(target, arguments[3], arguments[4]);
        }
    }

    private boolean isX64() {
        return platform.endsWith("x64");
    }

    /** Returns the flags of a source, or null where it is for another kind of processor. */
    private List<String> flags(String source) {
        if (X64_ONLY.containsKey(source)) {
            List<String> flags = new ArrayList<>(AVX2);
            flags.addAll(X64_ONLY.get(source));
            return isX64() ? flags : null;
        }
        if (ARM_ONLY.containsKey(source)) {
            return platform.endsWith("arm64") ? ARM_ONLY.get(source) : null;
        }
        return List.of();
    }

    /** Whether there are a compiler that knows all instructions we use, headers and a linker. */
    private boolean hasCompiler() throws IOException, InterruptedException {
        Path source = Files.createTempFile("headrace-probe", ".c");
        Path program = Files.createTempFile("headrace-probe", ".out");
        try {
            Files.writeString(
                    source, "#include <math.h>\n#include <pthread.h>\nint main(void) {}\n");
            List<String> command = new ArrayList<>(List.of(compiler, source.toString()));
            for (Path each : sources("src/main/c")) {
                List<String> flags = flags(each.getFileName().toString());
                command.addAll(flags == null ? List.of() : flags);
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
        Path folder = classes.resolve("io/headrace/kernels").resolve(platform);
        Path library = folder.resolve("libheadrace-kernels.so");
        if (isNewer(library, sources("src/main/c"))) {
            return;
        }
        Files.createDirectories(folder);
        Path objects = classes.resolveSibling("objects");
        List<String> command = new ArrayList<>(List.of(compiler, "-shared", "-o"));
        command.add(library.toString());
        command.addAll(compile(objects, List.of(), null));
        if (platform.startsWith("linux")) {
            command.add("-Wl,-z,nodelete"); // The pool's threads never leave it.
        }
        command.addAll(List.of("-lm", "-lpthread"));
        require(command);
    }

    private void test(Path target, String shapes, String checks)
            throws IOException, InterruptedException {
        switch (checks) {
            case "sanitize" -> run(program(target, checks, SANITIZERS, null), shapes);
            case "arm" -> require(
                    List.of("qemu-aarch64", program(target, checks, List.of("-static"), null), shapes));
            default -> {
                run(program(target, checks, List.of(), null), shapes);
                if (isX64()) {
                    Path emulated = module.resolve("src/test/c/emulated.h");
                    run(program(target, "emulated", EMULATED, emulated), EMULATED_SHAPES);
                }
            }
        }
    }

    private static void run(String program, String shapes)
            throws IOException, InterruptedException {
        require(List.of(program, shapes));
    }

    /** Compiles the tests and returns the program. */
    private String program(Path target, String name, List<String> flags, Path emulated)
            throws IOException, InterruptedException {
        String program = target.resolve("kernels_test_" + name).toString();
        String folder = name.equals("plain") ? "objects" : "objects-" + name;
        List<String> compiled = compile(target.resolve(folder), flags, emulated);
        List<String> command = new ArrayList<>(List.of(compiler));
        command.addAll(List.of("-g", "-O1", "-std=gnu11", "-Wall", "-Wextra", "-Werror"));
        command.add("-I" + module.resolve("src/main/c"));
        command.addAll(flags);
        sources("src/test/c").stream()
                .map(Path::toString)
                .filter(BuildKernels::isC)
                .forEach(command::add);
        command.addAll(compiled);
        command.addAll(List.of("-lm", "-lpthread", "-o", program));
        require(command);
        return program;
    }

    /**
     * Compiles what the kind of processor has a use for, and returns the object files.
     *
     * @param emulated a header that replaces the instructions beyond AVX2, or null
     */
    private List<String> compile(Path folder, List<String> more, Path emulated)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        List<String> objects = new ArrayList<>();
        List<Path> newest = new ArrayList<>(sources("src/main/c"));
        newest.addAll(emulated == null ? List.of() : List.of(emulated));
        for (Path source : sources("src/main/c")) {
            String name = source.getFileName().toString();
            List<String> flags = flags(name);
            if (!isC(name) || flags == null) {
                continue;
            }
            Path object = folder.resolve(name.replace(".c", ".o"));
            objects.add(object.toString());
            if (isNewer(object, newest)) {
                continue;
            }
            List<String> command = new ArrayList<>(List.of(compiler));
            command.addAll(FLAGS);
            command.addAll(more);
            boolean replaced = emulated != null && flags.size() > AVX2.size();
            command.addAll(replaced ? AVX2 : flags);
            if (replaced) {
                command.addAll(List.of("-include", emulated.toString()));
                command.add("-I" + source.getParent());
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
