package io.headrace.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;

/**
 * The image of deploy/Dockerfile as a folder, and what Flink's own image starts in it: the options
 * of the environment in a configuration file, memory by Flink's own formula, the main class of the
 * command. Source: {@code docker-entrypoint.sh} of flink-docker 2.3 and the scripts of Flink's
 * {@code bin/} that it calls.
 */
final class FlinkImage {

    /** Of the options that a distribution's configuration gives to Java, what the job needs. */
    private static final List<String> OF_DISTRIBUTION =
            List.of("--add-opens=java.base/java.util=ALL-UNNAMED");

    private final ComposeFile compose;
    private final Path root;

    private FlinkImage(ComposeFile compose, Path root) {
        this.compose = compose;
        this.root = root;
    }

    /** A COPY out of the project, with the stage of the image that it is in. */
    record Copy(String stage, String source, String target) {}

    /** Reads what the Dockerfile copies out of the project. */
    static List<Copy> copies() throws IOException {
        List<Copy> copies = new ArrayList<>();
        String stage = "";
        for (String line : Files.readAllLines(ComposeFile.PROJECT.resolve("deploy/Dockerfile"))) {
            String[] words = line.strip().split(" +", -1);
            if (words[0].equals("FROM")) {
                stage = words[words.length - 1];
            } else if (words[0].equals("COPY") && !words[1].startsWith("--from")) {
                copies.add(new Copy(stage, words[words.length - 2], words[words.length - 1]));
            }
        }
        return copies;
    }

    /** Lays the image out below a folder that stands for the container's root. */
    static FlinkImage build(ComposeFile compose, Path root) throws IOException {
        FlinkImage image = new FlinkImage(compose, root);
        for (Copy copy : copies()) {
            if (copy.stage().equals("base")) {
                copy(ComposeFile.PROJECT.resolve(copy.source()), image.path(copy.target()));
            }
        }
        Files.createDirectories(image.path("/checkpoints"));
        return image;
    }

    /** Returns the place of an absolute path of the container. */
    Path path(String inContainer) {
        return root.resolve(inContainer.substring(1));
    }

    /** Starts the command of a service with the options of its environment. */
    ContainerProcess start(String service) throws IOException, URISyntaxException {
        Path configuration = configure(service);
        Configuration flink = GlobalConfiguration.loadConfiguration(configuration.toString());
        List<String> command = compose.command(service);
        List<String> arguments = new ArrayList<>(List.of("--configDir", "" + configuration));
        List<String> options = new ArrayList<>(OF_DISTRIBUTION);
        String mainClass;
        switch (command.get(0)) {
            case "standalone-job" -> {
                JobManagerProcessSpec memory = JobManagerProcessUtils.processSpecFromConfig(flink);
                options.addAll(
                        words(JobManagerProcessUtils.generateJvmParametersStr(memory, flink)));
                arguments.addAll(words(JobManagerProcessUtils.generateDynamicConfigsStr(memory)));
                mainClass =
                        "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint";
            }
            case "taskmanager" -> {
                TaskExecutorProcessSpec memory =
                        TaskExecutorProcessUtils.processSpecFromConfig(flink);
                options.addAll(words(ProcessMemoryUtils.generateJvmParametersStr(memory)));
                arguments.addAll(words(TaskExecutorProcessUtils.generateDynamicConfigsStr(memory)));
                mainClass = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";
            }
            default -> throw new AssertionError("No command of Flink's image: " + command);
        }
        command.stream()
                .skip(1)
                .map(word -> word.startsWith("/") ? path(word).toString() : word)
                .forEach(arguments::add);
        return ContainerProcess.start(
                root,
                ContainerProcess.java(FlinkDistribution.lib(), options, mainClass, arguments),
                // By it Flink finds usrlib/.
                Map.of("FLINK_LIB_DIR", path("/opt/flink/lib").toString()));
    }

    private Path configure(String service) throws IOException {
        Map<String, String> options = new TreeMap<>(ofThisMachine(service));
        compose.flinkProperties(service)
                .forEach(
                        (key, value) ->
                                options.put(
                                        key, value.replace("file:///", "file://" + root + "/")));
        Path folder = Files.createDirectories(root.resolve("conf-" + service));
        Files.writeString(
                folder.resolve("config.yaml"),
                options.entrySet().stream()
                        .map(option -> option.getKey() + ": " + option.getValue() + "\n")
                        .collect(Collectors.joining()));
        return folder;
    }

    /**
     * Containers have a network and a {@code /tmp} each; here they share 127.0.0.1 and a folder.
     */
    private Map<String, String> ofThisMachine(String service) {
        String web = Integer.toString(compose.port("jobmanager", 8081));
        return Map.ofEntries(
                Map.entry("jobmanager.rpc.port", "" + compose.port("jobmanager", 6123)),
                Map.entry("jobmanager.bind-host", "127.0.0.1"),
                Map.entry("taskmanager.host", "127.0.0.1"),
                Map.entry("taskmanager.bind-host", "127.0.0.1"),
                Map.entry("rest.address", "127.0.0.1"),
                Map.entry("rest.bind-address", "127.0.0.1"),
                Map.entry("rest.port", web),
                Map.entry("rest.bind-port", web),
                Map.entry("io.tmp.dirs", root.resolve("tmp-" + service).toString()));
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split(" +", -1));
    }

    /** Copies as Docker does: of a folder what is in it. */
    private static void copy(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            files.filter(Files::isRegularFile)
                    .forEach(
                            file -> {
                                Path copy = target.resolve(source.relativize(file).toString());
                                try {
                                    Files.createDirectories(copy.getParent());
                                    Files.copy(file, copy);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
        }
    }
}
