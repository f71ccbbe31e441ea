package io.headrace.jobs.documents;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.headrace.jobs.documents.PipelineKeys.PipelineKey;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.util.TimeUtils;
import org.junit.jupiter.api.Test;

/** The tables of docs/pipeline.md against the records that the file is bound to. */
class PipelineReferenceTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-zA-Z.]+)` \\| (.*?) ?\\| ");
    private static final Markdown PAGE = Markdown.read(Markdown.ROOT.resolve("docs/pipeline.md"));

    private static final Pipeline SHORTEST =
            PipelineFile.parse(
                            Path.of("p.yaml"),
                            """
                            model: { path: m.gguf }
                            kafka: { bootstrapServers: "localhost:9092" }
                            schemaRegistry: { url: "http://localhost:8085" }
                            source: { topic: in, text: "{{ body }}" }
                            sink: { topic: out, deadLetterTopic: dead }
                            tasks: [ { name: t, summarize: {} } ]
                            """)
                    .pipeline();

    private static Map<String, String> rows() {
        String table = PAGE.text().substring(0, PAGE.text().indexOf("\n## Tasks"));
        return ROW.matcher(table)
                .results()
                .collect(
                        Collectors.toMap(
                                row -> row.group(1),
                                row -> row.group(2).replace("`", ""),
                                (one, other) -> one,
                                TreeMap::new));
    }

    private static List<PipelineKey> keysOfSections() {
        return PipelineKeys.all().stream()
                .filter(key -> !key.path().contains("[]") && !key.type().isRecord())
                .toList();
    }

    @Test
    void theTableHasEveryKeyOfTheSectionsAndNoOther() {
        assertThat(rows().keySet())
                .containsExactlyInAnyOrderElementsOf(
                        keysOfSections().stream().map(PipelineKey::path).toList());
    }

    @Test
    void theTableStatesTheDefaultsThatAPipelineHas() throws Exception {
        Map<String, String> rows = rows();
        int compared = 0;
        for (PipelineKey key : keysOfSections()) {
            Object value = key.valueIn(SHORTEST);
            String stated = rows.get(key.path());
            if (value instanceof Duration duration) {
                assertThat(TimeUtils.parseDuration(stated)).as(key.path()).isEqualTo(duration);
            } else if (value instanceof Enum<?> constant) {
                assertThat(stated).as(key.path()).isEqualTo(written(constant));
            } else if (value instanceof Number || value instanceof Boolean) {
                assertThat(stated).as(key.path()).isEqualTo(value.toString());
            } else {
                continue;
            }
            compared++;
        }
        assertThat(compared).isGreaterThan(20);
    }

    private static String written(Enum<?> constant) throws ReflectiveOperationException {
        return constant.getDeclaringClass()
                .getField(constant.name())
                .getAnnotation(JsonProperty.class)
                .value();
    }

    @Test
    void thePageNamesEveryKeyOfTasksAndLabels() {
        String tasks = PAGE.text().substring(PAGE.text().indexOf("\n## Tasks"));
        assertThat(
                        PipelineKeys.all().stream()
                                .filter(key -> key.path().startsWith("tasks[]."))
                                .map(PipelineKey::name)
                                .filter(name -> !PAGE.text().contains("`" + name))
                                .filter(name -> !tasks.contains(name + ":")))
                .isEmpty();
    }
}
