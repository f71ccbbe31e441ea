package io.headrace.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.Backend;
import io.headrace.inference.Device;
import io.headrace.jobs.EnrichmentJob;
import io.headrace.operators.LocalEngineProvider;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Custom;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.MultiLabel;
import io.headrace.operators.task.RunningSummary;
import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.TaskSet;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipelineFileTest {

    private static final Path PATH = Path.of("pipeline.yaml");

    private static final String VALID =
            """
            name: messages
            model: { path: model.gguf }
            kafka: { bootstrapServers: "localhost:9092" }
            schemaRegistry: { url: "http://localhost:8085" }
            source: { topic: in, text: "{{ body }}" }
            sink: { topic: out, deadLetterTopic: dlq }
            tasks:
              - name: intent
                classify: { labels: [card_arrival, { name: refund, description: wants money back }] }
              - name: summary
                summarize: { maxTokens: 40 }
            """;

    @Test
    void readsAPipelineAndFillsInDefaults() {
        PipelineFile file = PipelineFile.parse(PATH, VALID);
        Pipeline pipeline = file.pipeline();
        assertThat(pipeline.model().contextTokens()).isEqualTo(2048);
        assertThat(backend(file)).isEqualTo(Backend.AUTO);
        assertThat(pipeline.sink().guarantee()).isEqualTo(Sink.Guarantee.EXACTLY_ONCE);
        assertThat(pipeline.sink().transactionTimeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(pipeline.job().order()).isEqualTo(Pipeline.Order.PER_KEY);
        assertThat(pipeline.failure().policy()).isEqualTo(Pipeline.Policy.DEAD_LETTER);
        assertThat(((Classify) file.tasks().tasks().get(0)).labels())
                .containsExactly(Label.of("card_arrival"), new Label("refund", "wants money back"));
    }

    @Test
    void theEngineThatIsNamedComputes() {
        String named = VALID.replace("model.gguf", "model.gguf, engine: llama.cpp");
        assertThat(backend(PipelineFile.parse(PATH, named))).isEqualTo(Backend.LLAMA_CPP);
    }

    @Test
    void theDeviceThatIsNamedComputesUnlessItsEngineCannot() {
        String named = VALID.replace("model.gguf", "model.gguf, device: 'cuda:1'");
        LocalEngineProvider provider =
                (LocalEngineProvider) EnrichmentJob.engine(PipelineFile.parse(PATH, named));
        assertThat(provider.device()).isEqualTo(Device.gpu(Device.Kind.CUDA, 1));
        String wrong = VALID.replace("model.gguf", "model.gguf, device: gpu");
        assertThatThrownBy(() -> PipelineFile.parse(PATH, wrong))
                .hasMessageContaining("model.device: expected auto, cpu, cuda, vulkan, or a GPU");
        String ours = VALID.replace("model.gguf", "model.gguf, engine: headrace, device: cuda");
        assertThatThrownBy(() -> PipelineFile.parse(PATH, ours))
                .hasMessageContaining("model.device: expected auto or cpu beside 'engine: head");
    }

    private static Backend backend(PipelineFile file) {
        return ((LocalEngineProvider) EnrichmentJob.engine(file)).backend();
    }

    @Test
    void readsTheExampleThatTheDemoRuns() {
        PipelineFile file = PipelineFile.read(Path.of("../examples/customer-messages.yaml"));
        assertThat(file.tasks().size()).isEqualTo(3);
    }

    @Test
    void readsDurationsAsFlinkWritesThem() {
        PipelineFile file = PipelineFile.parse(PATH, VALID + "job: { checkpointInterval: 3 s }\n");
        assertThat(file.pipeline().job().checkpointInterval()).isEqualTo(Duration.ofSeconds(3));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "topic: in|topik: in|pipeline.yaml:5: unknown key 'topik' in source; did you mean 'topic'?",
                "maxTokens: 40|maxTokns: 40|pipeline.yaml:11: unknown key 'maxTokns' in tasks[1].summarize; did you mean 'maxTokens'?",
                "maxTokens: 40|maxTokens: many|pipeline.yaml:11: wrong value for 'tasks[1].summarize.maxTokens': expected a whole number",
                "maxTokens: 40|maxTokens: 0|pipeline.yaml:11: tasks[1].summarize.maxTokens: expected at least 1",
                "path: model.gguf|contextTokens: 100|pipeline.yaml:2: model.path: expected the path of a GGUF file",
                "name: messages|referencePrice: { input: -1 }|pipeline.yaml:1: referencePrice.input: expected a price of 0 or more",
                "name: refund, description|name: '', description|pipeline.yaml:9: wrong value '' for 'tasks[0].classify.labels[1].name': expected a text",
                "topic: in,|topic: in put,|pipeline.yaml:5: source.topic: expected the name of the topic: letters, digits",
                "topic: out|topic: ..|sink.topic: expected the name of the topic of enriched records: letters",
                "deadLetterTopic: dlq|deadLetterTopic: d/q|sink.deadLetterTopic: expected the name of a topic for records",
                "maxTokens: 40|maxTokens: 3000000000|pipeline.yaml:11: wrong value for 'tasks[1].summarize.maxTokens': expected a whole number of at most 2147483647",
                "localhost:9092|localhost|pipeline.yaml:3: kafka.bootstrapServers: expected host:port",
                "topic: in,|topic: in, format: 3,|expected one of [avro, plain-avro, json, text]",
                "deadLetterTopic: dlq|deadLetterTopic: out|another topic than sink.topic",
                "summarize: { maxTokens: 40 }|instruction: x|exactly one of classify, extract, summarize and custom",
                "topic: in,|topic: in, start: first,|'first' is no value of 'source.start'; expected one of [earliest, latest, committed]",
                "path: model.gguf|path: model.gguf, cacheType: q4|'q4' is no value of 'model.cacheType'; expected one of [f16, q8]",
                "path: model.gguf|path: model.gguf, engine: gpu|'gpu' is no value of 'model.engine'; expected one of [auto, headrace, llama.cpp]",
                "name: summary|name: intent|two tasks are named 'intent'",
                "name: summary|name: my-summary|pipeline.yaml:10: task name 'my-summary' must begin with a letter and hold only letters, digits and underscores",
                "name: messages|name: [|pipeline.yaml:",
                "labels: [card_arrival,|labels: [refund,|look the same to the model",
                "topic: in,|topic: in, topicPattern: i.*,|instead of it topicPattern",
                "topic: in,|topicPattern: o.*,|sink.topic: expected a topic that the source does not read",
                "topic: in,|topic: dlq,|sink.deadLetterTopic: expected a topic that the source does not read",
                "topic: in,|topicPattern: '(',|source.topicPattern: expected a regular expression",
                "topic: in,|topic: in, format: xml,|expected one of [avro, plain-avro, json, text]",
                "topic: in,|topic: in, format: plain-avro,|source.schema: expected the Avro schema",
                "topic: in,|topic: in, format: json,|'format: json' in sink",
                "topic: in,|topic: in, format: text, schema: x.avsc,|nothing with 'format: text'",
                "topic: in,|topic: in, schema: nowhere.avsc,|source.schema: cannot read the schema",
                "topic: in,|topic: in, schema: { type: recrd },|source.schema: the schema in the file is no Avro schema",
                "topic: in,|topic: in, idleAfter: 0 s,|source.idleAfter: expected more than 0",
                "topic: in,|topic: in, window: 0 s,|source.window: expected at least 1 ms",
                "topic: in,|topic: in, windowMaxCharacters: 9,|source.windowMaxCharacters: expected a window",
                "maxTokens: 40|timeToLive: 1 d|summarize.timeToLive: expected 'running: true'",
                "maxTokens: 40|running: true, timeToLive: 0 s|summarize.timeToLive: expected more than 0",
                "summarize: { maxTokens: 40 }|extract: { evidence: true, schema: { type: record, name: R, fields: [ { name: evidence, type: int } ] } }|a field 'evidence' already",
                "summarize: { maxTokens: 40 }|custom: { prompt: x, schema: { type: string, maxLength: none } }|maxLength must be a number from 1 to 1000000, not none",
            })
    void saysWhatIsWrongAndWhere(String right, String wrong, String message) {
        assertThatThrownBy(() -> PipelineFile.parse(PATH, VALID.replace(right, wrong)))
                .isInstanceOf(PipelineFileException.class)
                .hasMessageContaining(message);
    }

    @Test
    void namesTheLineOfTheKeyAndNotTheEndOfItsSection() {
        String wrong = VALID.replace("source: { ", "source: {\n  idleAfter: 0 s,\n\n  ");
        assertThatThrownBy(() -> PipelineFile.parse(PATH, wrong))
                .hasMessage("pipeline.yaml:6: source.idleAfter: expected more than 0");
    }

    @Test
    void refusesAFileThatIsNotThere() {
        assertThatThrownBy(() -> PipelineFile.read(Path.of("nowhere.yaml")))
                .hasMessage("cannot read the pipeline file nowhere.yaml: there is no such file");
    }

    @Test
    void refusesAKeyThatStandsTwice() {
        assertThatThrownBy(() -> PipelineFile.parse(PATH, VALID + "name: again\n"))
                .hasMessageContaining("Duplicate")
                .hasMessageContaining("name");
    }

    @Test
    void refusesAnEmptyFile() {
        assertThatThrownBy(() -> PipelineFile.parse(PATH, ""))
                .isInstanceOf(PipelineFileException.class);
    }

    @Test
    void neverShowsTheValuesOfClientProperties() {
        String secret = VALID.replace("9092\" }", "9092\", properties: { sasl.x: hunter2 } }");
        assertThat(PipelineFile.parse(PATH, secret).toString())
                .contains("sasl.x")
                .doesNotContain("hunter2");
    }

    private static TaskSet tasks(String yaml) {
        return PipelineFile.parse(PATH, "model: { path: m.gguf }\ntasks:\n" + yaml).tasks();
    }

    @Test
    void readsEveryOptionOfTheTasks() {
        TaskSet tasks =
                tasks(
                        """
                          - name: topic
                            classify:
                              labels:
                                - card/lost
                                - { name: card/late, description: not yet there, examples: [ where is it ] }
                              abstainBelow: 0.4
                              noneOfThese: true
                              temperature: 1.5
                          - { name: tags, classify: { labels: [ a, b ], multiLabel: true, threshold: 0.3 } }
                          - { name: short, summarize: { maxSentences: 2, style: for an agent, language: German } }
                          - { name: german, custom: { prompt: Translate., schema: { type: string } } }
                        """);
        Classify topic = (Classify) tasks.tasks().get(0);
        assertThat(topic.labels().get(1).examples()).containsExactly("where is it");
        assertThat(topic.abstainBelow()).isEqualTo(0.4);
        assertThat(topic.noneOfThese()).isTrue();
        assertThat(topic.temperature()).isEqualTo(1.5);
        assertThat(((MultiLabel) tasks.tasks().get(1)).threshold()).isEqualTo(0.3);
        Summarize summary = (Summarize) tasks.tasks().get(2);
        assertThat(summary.maxSentences()).isEqualTo(2);
        assertThat(summary.instruction()).contains("for an agent").contains("German");
        assertThat(((Custom) tasks.tasks().get(3)).instruction()).isEqualTo("Translate.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "classify: { labels: [ a, b ], threshold: 0.3 } | multiLabel: true",
                "classify: { labels: [ a, b ], multiLabel: true, abstainBelow: 0.3 } | threshold",
                "classify: { labels: [ a, b ], temperature: 0 } | above 0",
                "summarize: { maxSentences: 0 } | at least 1",
                "custom: { schema: { type: string } } | custom.prompt",
                "custom: { prompt: x } | custom.schema",
                "extract: { schema: { subject: s } } | schemaRegistry",
            })
    void saysWhatIsWrongInATask(String kind, String message) {
        assertThatThrownBy(() -> tasks("  - { name: t, " + kind + " }\n"))
                .isInstanceOf(PipelineFileException.class)
                .hasMessageContaining(message);
    }

    @Test
    void readsRunningSummariesWindowsAndEvidence() {
        String yaml =
                VALID.replace("topic: in,", "topic: in, window: 1 h, windowMaxCharacters: 500,")
                        .replace(
                                "summarize: { maxTokens: 40 }",
                                """
                                summarize: { maxTokens: 40, running: true, timeToLive: 30 d }
                                  - name: facts
                                    extract:
                                      evidence: true
                                      schema: { type: record, name: R, fields: [ { name: a, type: int } ] }
                                """);
        PipelineFile file = PipelineFile.parse(PATH, yaml);
        assertThat(file.pipeline().source().window()).isEqualTo(Duration.ofHours(1));
        assertThat(file.pipeline().source().windowMaxCharacters()).isEqualTo(500);
        assertThat(file.tasks().tasks().get(1))
                .isEqualTo(new RunningSummary(new Summarize("summary", 40), Duration.ofDays(30)));
        assertThat(file.tasks().tasks().get(2).field().schema().getField("evidence")).isNotNull();
    }

    @Test
    void refusesARunningSummaryWithoutTheOrderOfKeys() {
        String yaml = VALID.replace("maxTokens: 40", "running: true");
        assertThatThrownBy(() -> PipelineFile.parse(PATH, yaml + "job: { order: unordered }\n"))
                .hasMessageContaining("job.order: expected 'per-key' with a running summary");
    }
}
