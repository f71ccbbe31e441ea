package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.local.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.Yaml;

/**
 * The project's docker-compose.yml, with the addresses of its containers replaced by free ports of
 * 127.0.0.1. All else is as the file says.
 */
final class ComposeFile {

    static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final String HERE = "127.0.0.1";

    private final JsonNode services;
    private final Pattern address;
    private final Map<String, Integer> ports = new HashMap<>();

    private ComposeFile(JsonNode services) {
        this.services = services;
        List<String> hosts = services.properties().stream().map(Map.Entry::getKey).toList();
        // kafka:9092, localhost:9092, /dev/tcp/localhost/8081, INSIDE://:9092
        address =
                Pattern.compile(
                        "(?:\\b(%s|localhost)|(?<=//))([:/])(\\d{4,5})\\b"
                                .formatted(String.join("|", hosts)));
    }

    static ComposeFile read() throws IOException {
        // Jackson's own reader leaves aliases as they are.
        Object file = new Yaml().load(Files.readString(PROJECT.resolve("docker-compose.yml")));
        return new ComposeFile(new ObjectMapper().<JsonNode>valueToTree(file).path("services"));
    }

    /** Returns the port of 127.0.0.1 that stands for one of a service's container. */
    int port(String service, int inContainer) {
        return ports.computeIfAbsent(service + ":" + inContainer, it -> FreePorts.next());
    }

    /** Says which port of 127.0.0.1 stands for one of a service's container. */
    void setPort(String service, int inContainer, int port) {
        ports.put(service + ":" + inContainer, port);
    }

    /** Returns a text of a service's container with all addresses in it replaced. */
    String here(String service, String text) {
        return address.matcher(text)
                .replaceAll(
                        found -> {
                            boolean other = found.group(1) != null && services.has(found.group(1));
                            int port =
                                    port(
                                            other ? found.group(1) : service,
                                            Integer.parseInt(found.group(3)));
                            return Matcher.quoteReplacement(HERE + found.group(2) + port);
                        });
    }

    List<String> command(String service) {
        return words(service, services.path(service).path("command"));
    }

    /** Returns the words that Docker runs inside of the container to know whether it is well. */
    List<String> healthCheck(String service) {
        List<String> test = words(service, services.path(service).at("/healthcheck/test"));
        List<String> rest = test.subList(1, test.size());
        return switch (test.get(0)) {
            case "CMD" -> rest;
            case "CMD-SHELL" -> List.of("/bin/sh", "-c", rest.get(0));
            default -> throw new AssertionError("No kind of test that Docker has: " + test);
        };
    }

    Map<String, String> environment(String service) {
        Map<String, String> environment = new LinkedHashMap<>();
        services.path(service)
                .path("environment")
                .properties()
                .forEach(it -> environment.put(it.getKey(), here(service, it.getValue().asText())));
        return environment;
    }

    /**
     * Returns the options in FLINK_PROPERTIES as the entry point of Flink's image takes them: one a
     * line, without any blank, the key up to the first colon.
     */
    Map<String, String> flinkProperties(String service) {
        String properties = services.path(service).at("/environment/FLINK_PROPERTIES").asText();
        Map<String, String> options = new LinkedHashMap<>();
        properties
                .lines()
                .map(line -> line.replaceAll("\\s", ""))
                .filter(line -> !line.isEmpty())
                .map(line -> line.split(":", 2))
                .forEach(option -> options.put(option[0], option[1]));
        options.replaceAll(
                (key, value) -> {
                    if (key.endsWith(".port")) {
                        return Integer.toString(port(service, Integer.parseInt(value)));
                    }
                    return services.has(value) ? HERE : here(service, value);
                });
        return options;
    }

    private List<String> words(String service, JsonNode words) {
        assertThat(words.isArray()).as("%s: %s", service, words).isTrue();
        return StreamSupport.stream(words.spliterator(), false)
                .map(word -> here(service, word.asText()))
                .toList();
    }
}
