package io.headrace.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line of a child Java process that ends with this one.
 *
 * @param javaExecutable the launcher
 * @param classPath the child's class path
 * @param jvmArguments options of the virtual machine
 */
record JavaCommand(Path javaExecutable, String classPath, List<String> jvmArguments) {

    /** Small and quick to start, for servers that live for seconds. */
    private static final List<String> SMALL =
            List.of(
                    "-Xms32m",
                    "-Xss512k",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-UsePerfData",
                    "-Djava.awt.headless=true");

    JavaCommand {
        jvmArguments = List.copyOf(jvmArguments);
    }

    /** Runs on this process's own Java and class path. */
    static JavaCommand ofThisProcess(String maximumHeap) {
        return onClassPath(System.getProperty("java.class.path"), maximumHeap);
    }

    /** Runs on this process's own Java and another class path. */
    static JavaCommand onClassPath(String classPath, String maximumHeap) {
        List<String> arguments = new ArrayList<>(SMALL);
        arguments.add("-Xmx" + maximumHeap);
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return new JavaCommand(java, classPath, arguments);
    }

    JavaCommand withArguments(List<String> more) {
        List<String> arguments = new ArrayList<>(jvmArguments);
        arguments.addAll(more);
        return new JavaCommand(javaExecutable, classPath, arguments);
    }

    /**
     * Returns the words of the command that runs a main class under {@link ParentWatch}.
     *
     * @param directory what the child deletes when its parent dies without having done so
     */
    List<String> of(Path directory, String mainClass, String... arguments) {
        List<String> words = new ArrayList<>();
        words.add(javaExecutable.toString());
        words.addAll(jvmArguments);
        words.addAll(List.of("-cp", classPath, ParentWatch.class.getName()));
        words.addAll(List.of("--delete", directory.toString(), mainClass));
        words.addAll(List.of(arguments));
        return words;
    }
}
