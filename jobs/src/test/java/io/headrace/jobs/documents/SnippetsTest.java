package io.headrace.jobs.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.headrace.jobs.cli.HeadraceCommand;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.metrics.SlowRecords;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.SqlParserException;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableException;
import org.apache.flink.table.api.ValidationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every command, link and piece of YAML and SQL in the documentation. */
class SnippetsTest {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Pattern OPTION_WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

    private static final Set<String> PIPELINE_KEYS =
            Arrays.stream(Pipeline.class.getRecordComponents())
                    .map(RecordComponent::getName)
                    .collect(Collectors.toSet());

    private static final String BASE =
            """
            model: { path: m.gguf }
            kafka: { bootstrapServers: "localhost:9092" }
            schemaRegistry: { url: "http://localhost:8085" }
            source: { topic: in, text: "{{ body }}" }
            sink: { topic: out, deadLetterTopic: dead }
            tasks: [ { name: t, summarize: {} } ]
            """;

    static List<Markdown> pages() {
        return Markdown.pages();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyCommandOfTheLauncherIsOneThatItTakes(Markdown page) {
        for (String command : page.commands("./headrace")) {
            List<String> words =
                    OPTION_WORD
                            .matcher(command.replaceAll("[\\[\\]]", ""))
                            .results()
                            .map(word -> word.group().replaceAll("[\"']", ""))
                            .skip(1)
                            .toList();
            CommandLine line = HeadraceCommand.commandLine();
            if (words.size() == 1 && line.getSubcommands().containsKey(words.get(0))) {
                continue; // The name of a command, without what it needs.
            }
            assertThatCode(() -> line.parseArgs(words.toArray(String[]::new)))
                    .as(page + ": " + command)
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyJavaAndMavenCommandNamesWhatExists(Markdown page) throws Exception {
        String sources;
        try (Stream<Path> files = Files.walk(Markdown.ROOT.resolve("benchmarks/src"))) {
            sources = files.map(Path::toString).collect(Collectors.joining("\n"));
        }
        for (String command : page.commands("java")) {
            for (String word : command.split(" ", -1)) {
                if (word.startsWith("io.headrace.")) {
                    assertThat(sources).contains(word.replace('.', '/') + ".java");
                }
            }
        }
        for (String command : page.commands("mvn")) {
            var modules = Pattern.compile("-pl (\\S+)").matcher(command).results().toList();
            for (var found : modules) {
                for (String module : found.group(1).split(",", -1)) {
                    if (!module.equals("MODULE")) {
                        assertThat(Markdown.ROOT.resolve(module)).as(command).isDirectory();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkLeadsSomewhere(Markdown page) {
        for (String link : page.links()) {
            String[] parts = link.split("#", 2);
            Path target =
                    parts[0].isEmpty()
                            ? page.path()
                            : page.path().getParent().resolve(parts[0]).normalize();
            assertThat(target).as(page + ": " + link).exists();
            if (parts.length == 2) {
                assertThat(Markdown.read(target).anchors())
                        .as(page + ": " + link)
                        .contains(parts[1]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyPieceOfYamlIsAPipelineOrAConfigurationOfFlink(Markdown page) throws Exception {
        for (Markdown.Block block : page.blocks("yaml")) {
            JsonNode yaml = YAML.readTree(block.code());
            Set<String> keys = Set.copyOf(yaml.propertyStream().map(it -> it.getKey()).toList());
            if (PIPELINE_KEYS.containsAll(keys)) {
                PipelineFile.parse(Path.of(page + ".yaml"), completed((ObjectNode) yaml));
            } else {
                assertThat(keys)
                        .as(page + ": a key of Flink's configuration")
                        .allMatch(SnippetsTest::isOfFlink);
            }
        }
    }

    /** What a fragment leaves out is that of a short pipeline; secrets are not looked up here. */
    private static String completed(ObjectNode fragment) throws Exception {
        ObjectNode whole = (ObjectNode) YAML.readTree(BASE);
        fragment.properties()
                .forEach(
                        entry -> {
                            if (entry.getValue().isObject() && whole.has(entry.getKey())) {
                                ((ObjectNode) whole.path(entry.getKey()))
                                        .setAll((ObjectNode) entry.getValue());
                            } else {
                                whole.set(entry.getKey(), entry.getValue());
                            }
                        });
        return YAML.writeValueAsString(whole);
    }

    private static boolean isOfFlink(String key) {
        return key.equals(SlowRecords.SLOW_RECORD.key())
                || Stream.of(
                                "classloader.",
                                "metrics.reporter.",
                                "traces.",
                                "taskmanager.",
                                "security.",
                                "rest.",
                                "state.",
                                "execution.")
                        .anyMatch(key::startsWith);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyPieceOfSqlIsInTheGrammar(Markdown page) {
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        for (Markdown.Block block : page.blocks("sql")) {
            for (String statement : block.code().split(";\\s*(--.*)?\\n", -1)) {
                if (statement.isBlank() || statement.contains("…")) {
                    continue;
                }
                try {
                    tables.explainSql(statement);
                } catch (SqlParserException e) {
                    throw new AssertionError(page + ": " + statement, e);
                } catch (ValidationException | TableException e) {
                    // Well formed; what it names is not here, or it is nothing to explain.
                }
            }
        }
    }
}
