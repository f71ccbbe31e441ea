package io.headrace.jobs.documents;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.headrace.jobs.documents.PipelineKeys.PipelineKey;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.PipelineFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A deliberate mistake in each key of the pipeline file. */
class WrongKeysTest {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Pattern JAVA =
            Pattern.compile("java\\.|io\\.headrace|Jackson|\\bclass\\b");

    private static final String BASE =
            """
            model: { path: m.gguf }
            kafka: { bootstrapServers: "localhost:9092" }
            schemaRegistry: { url: "http://localhost:8085" }
            source: { topic: in, text: "{{ body }}" }
            sink: { topic: out, deadLetterTopic: dead }
            job: {}
            failure: {}
            referencePrice: {}
            tasks: [ { name: t } ]
            """;

    private static final String REMOTE = "{ url: 'http://h', price: {}, budget: { tokens: 1 } }";

    /** The smallest forms of the kinds, so that the mistake alone is wrong. */
    private static final Map<String, String> KINDS =
            Map.of(
                    "classify", "{ labels: [ { name: a }, { name: b } ] }",
                    "extract", "{ schema: { type: record, name: R, fields: [] } }",
                    "summarize", "{}",
                    "custom", "{ prompt: Translate., schema: { type: string } }");

    static Stream<String> keys() {
        return PipelineKeys.all().stream().map(PipelineKey::path);
    }

    private static PipelineKey key(String path) {
        return PipelineKeys.all().stream()
                .filter(key -> key.path().equals(path))
                .findFirst()
                .orElseThrow();
    }

    /** A pipeline that has the section of a key. */
    private static ObjectNode pipelineFor(String path) throws Exception {
        ObjectNode pipeline = (ObjectNode) YAML.readTree(BASE);
        String[] parts = path.split("\\.", -1);
        String kind = parts.length > 1 && KINDS.containsKey(last(parts[1])) ? last(parts[1]) : "";
        ObjectNode task = (ObjectNode) pipeline.path("tasks").get(0);
        String chosen = kind.isEmpty() ? "summarize" : kind;
        task.set(chosen, YAML.readTree(KINDS.getOrDefault(chosen, "{}")));
        if (path.startsWith("model.remote.")) {
            ((ObjectNode) pipeline.path("model")).set("remote", YAML.readTree(REMOTE));
        }
        if (path.startsWith("tasks[].cascade.")) {
            task.set("cascade", YAML.readTree("{}"));
        }
        return pipeline;
    }

    private static String last(String part) {
        return part.replace("[]", "");
    }

    /** The section of a key, made where the pipeline has none. */
    private static ObjectNode sectionOf(ObjectNode pipeline, String path) {
        ObjectNode section = pipeline;
        String[] parts = path.split("\\.", -1);
        for (int i = 0; i < parts.length - 1; i++) {
            String name = last(parts[i]);
            boolean list = parts[i].endsWith("[]");
            if (list && section.path(name).isEmpty()) {
                section.putArray(name).addObject();
            } else if (!section.path(name).isObject() && !list) {
                section.putObject(name);
            }
            JsonNode next = section.path(name);
            section = (ObjectNode) (list ? next.get(0) : next);
        }
        return section;
    }

    private static String messageOf(String yaml) {
        Throwable thrown =
                Assertions.catchThrowable(() -> PipelineFile.parse(Path.of("p.yaml"), yaml));
        assertThat(thrown).as(yaml).isInstanceOf(PipelineFileException.class);
        assertThat(thrown.getMessage()).as("no Java in it").doesNotContainPattern(JAVA);
        assertThat(thrown.getMessage()).hasSizeLessThan(600).doesNotContain("\n");
        return thrown.getMessage();
    }

    @ParameterizedTest
    @MethodSource("keys")
    void aSlipInAKeyIsToldWithItsLineAndTheKeyThatIsMeant(String path) throws Exception {
        ObjectNode pipeline = pipelineFor(path);
        ObjectNode section = sectionOf(pipeline, path);
        String name = key(path).name();
        JsonNode value = section.has(name) ? section.get(name) : YAML.readTree("x");
        section.remove(name);
        section.set(name + "x", value);

        assertThat(messageOf(YAML.writeValueAsString(pipeline)))
                .matches("p\\.yaml:\\d+: unknown key '" + name + "x'.*")
                .contains("did you mean '" + name + "'?");
    }

    @ParameterizedTest
    @MethodSource("keys")
    void aValueOfAWrongKindIsToldWithTheKeyAndWhatIsExpected(String path) throws Exception {
        PipelineKey key = key(path);
        ObjectNode pipeline = pipelineFor(path);
        ObjectNode section = sectionOf(pipeline, path);
        boolean list = List.class.isAssignableFrom(key.type());
        ArrayNode wrong = YAML.createArrayNode().add(YAML.createArrayNode().add(1));
        section.set(key.name(), list ? YAML.createObjectNode().put("x", 1) : wrong);

        assertThat(messageOf(YAML.writeValueAsString(pipeline)))
                .contains(key.name())
                .containsAnyOf("expected", "write");
    }

    static Stream<Arguments> values() {
        return PipelineKeys.all().stream()
                .flatMap(
                        key ->
                                wrongValues(key.type()).stream()
                                        .map(value -> Arguments.of(key.path(), value)));
    }

    /** Values that no key of the type takes. */
    private static List<String> wrongValues(Class<?> type) {
        if (type.isEnum()) {
            return List.of("sideways", "''", "3");
        }
        if (type == Boolean.class) {
            return List.of("perhaps", "''", "3");
        }
        if (type == Duration.class) {
            return List.of("soon", "''", "-1 s", "99999999999999999999 d", "10 moons");
        }
        if (type == Double.class) {
            return List.of("many", "''", "-1", ".nan", ".inf");
        }
        if (type == String.class) {
            return List.of("''", "' '");
        }
        return Number.class.isAssignableFrom(type)
                ? List.of("many", "''", "-1", "1.5", "99999999999999999999")
                : List.of();
    }

    @ParameterizedTest
    @MethodSource("values")
    void aValueThatIsNotTakenIsToldWithItsLineTheKeyAndWhatIsExpected(String path, String value)
            throws Exception {
        ObjectNode pipeline = pipelineFor(path);
        String name = key(path).name();
        sectionOf(pipeline, path).put(name, "PLACE");
        String yaml = YAML.writeValueAsString(pipeline).replace("\"PLACE\"", value);

        assertThat(messageOf(yaml)).matches("p\\.yaml:\\d+: .*\\b" + name + "\\b.*expected .+");
    }
}
