package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.LocalEngineProvider;
import io.headrace.operators.ModelVersion;
import io.headrace.operators.RemoteEngineProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What messages of a control topic make of a pipeline file. */
class PipelineVersionsTest {

    private static final String PIPELINE =
            """
            name: test
            model: { path: one.gguf, contextTokens: 512, adapters: { terse: terse.gguf } }
            models:
              large: { remote: { url: "http://server/v1", model: large, apiKey: "${file:key}" } }
            tasks:
              - name: intent
                classify: { labels: [refund, lost_card] }
                cascade: { below: 0.5, model: large }
              - { name: facts, extract: { schema: facts.avsc } }
            """;

    @TempDir private Path folder;

    private PipelineFile file() throws Exception {
        Files.writeString(folder.resolve("key"), "secret");
        Files.writeString(
                folder.resolve("facts.avsc"),
                """
                {"type": "record", "name": "Facts", "fields": [
                  {"name": "urgent", "type": "boolean"}]}""");
        String yaml = PIPELINE.replace("file:key", "file:" + folder.resolve("key"));
        return PipelineFile.parse(folder.resolve("pipeline.yaml"), yaml);
    }

    /** As on a TaskManager, which has none of the files. */
    private PipelineVersions shipped() throws Exception {
        PipelineFile file = file();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new PipelineVersions(file, new PipelineEngines(file).provider()));
        }
        Files.delete(folder.resolve("key"));
        Files.delete(folder.resolve("facts.avsc"));
        try (ObjectInputStream in =
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (PipelineVersions) in.readObject();
        }
    }

    private static LocalEngineProvider local(ModelVersion version) {
        return (LocalEngineProvider) version.engines().alone();
    }

    @Test
    void aModelChangesAndAllElseStays() throws Exception {
        PipelineVersions versions = shipped();
        ModelVersion own = versions.read("{}");
        ModelVersion other = versions.read("model: { path: two.gguf, adapters: { terse: null } }");
        assertThat(local(own).modelPath()).endsWith("one.gguf");
        assertThat(local(own).adapters()).containsKey("terse");
        assertThat(local(other).modelPath()).endsWith("two.gguf");
        assertThat(local(other).adapters()).isEmpty();
        assertThat(local(other).contextTokens()).isEqualTo(512);
        assertThat(other.tasks()).isEqualTo(own.tasks());
        assertThat(other.engines().use()).isEqualTo(own.engines().use());
        assertThat(other.engines().use().cascades().get("intent").second())
                .isInstanceOfSatisfying(
                        RemoteEngineProvider.class,
                        remote ->
                                assertThat(remote.options().endpoint().apiKey())
                                        .isEqualTo("secret"));
    }

    @Test
    void tasksChangeWhereTheirResultsHaveTheSameTypes() throws Exception {
        PipelineVersions versions = shipped();
        ModelVersion other =
                versions.read(
                        """
                        tasks:
                          - { name: intent, classify: { labels: [refund, lost_card, other] } }
                          - name: facts
                            extract:
                              schema:
                                type: record
                                name: Facts
                                fields: [ { name: urgent, type: boolean } ]
                        """);
        assertThat(other.tasks().version()).isNotEqualTo(versions.read("{}").tasks().version());
        assertThat(other.engines().use().cascades()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "` `|it is empty; send {} to go back to the pipeline file",
                "[1]|expected an object with [model, models, tasks]",
                "{model: |control message:",
                "modell: { path: two.gguf }|control message:1: unknown key 'modell'; did you mean"
                        + " 'model'?",
                "model: { pth: two.gguf }|unknown key 'pth' in model; did you mean 'path'?",
                "sink: { topic: x }|'sink' cannot change while the job runs",
                "model: { contextTokens: 1 }|model.contextTokens: expected at least 64",
                "model: { remote: { url: x } }|model has a server and cannot change while the job runs",
                "models: { large: { path: x.gguf } }|models.large has a server and cannot change",
                "model: { path: '${env:HOME}' }|references to secrets",
                "models: { other: { remote: { url: x } } }|models.other has a server",
                "tasks: [ { name: intent, classify: { labels: [a, b] } }, { name: facts,"
                        + " summarize: {} } ]|task 'facts' would have results of another type",
                "tasks: [ { name: other, classify: { labels: [a, b] } } ]|it has the tasks [other] and"
                        + " the job has [intent, facts]",
                "tasks: [ { name: facts, extract: { schema: /etc/passwd } } ]|a schema stands in the"
                        + " message itself",
                "tasks: [ { name: facts, extract: { schema: { subject: s } } } ]|a schema stands in"
                        + " the message itself"
            })
    void whatCannotChangeIsRefusedWithASentence(String message, String sentence) throws Exception {
        PipelineVersions versions = shipped();
        assertThatThrownBy(() -> versions.read(message)).hasMessageContaining(sentence);
    }

    @Test
    void theBaseChangesWithTheFilesModelsAndTasksAlone() throws Exception {
        PipelineFile file = file();
        String base = base(file);
        assertThat(base(changed(file, "name: test", "name: other"))).isEqualTo(base);
        assertThat(
                        base(
                                changed(
                                        file,
                                        "path: one.gguf, contextTokens: 512",
                                        "contextTokens: 512, path: one.gguf")))
                .isEqualTo(base);
        assertThat(base(changed(file, "one.gguf", "two.gguf"))).isNotEqualTo(base);
        assertThat(base(changed(file, "lost_card", "found_card"))).isNotEqualTo(base);
        assertThat(base(changed(file, "below: 0.5", "below: 0.6"))).isNotEqualTo(base);
    }

    private static String base(PipelineFile file) {
        return new PipelineVersions(file, new PipelineEngines(file).provider()).base();
    }

    private static PipelineFile changed(PipelineFile file, String from, String to) {
        return PipelineFile.parse(file.path(), file.yaml().replace(from, to));
    }
}
