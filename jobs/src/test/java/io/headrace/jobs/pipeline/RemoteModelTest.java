package io.headrace.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.operators.task.Extract;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteModelTest {

    private static final Path PATH = Path.of("pipeline.yaml");

    private static final String VALID =
            """
            model: { path: model.gguf }
            models:
              big:
                remote:
                  url: https://api.openai.com/v1
                  model: gpt
                  apiKey: "${env:OPENAI_API_KEY}"
                  requestsPerMinute: 500
                  price: { input: 2, output: 8 }
                  budget: { money: 20, per: 1 d, whenSpent: hold }
            referencePrice: { input: 2.5, output: 10 }
            tasks:
              - name: intent
                cascade: { below: 0.8, model: big }
                classify: { labels: [card_arrival, refund] }
            """;

    @Test
    void readsACascadeToAServer() {
        PipelineFile file = PipelineFile.parse(PATH, VALID);
        assertThat(file.models()).hasSize(2);
        Remote remote = file.models().get(1).remote();
        assertThat(remote.api()).isEqualTo(Remote.Api.OPENAI);
        assertThat(remote.price().cachedInput()).isEqualTo(2);
        assertThat(remote.budget().per()).isEqualTo(Duration.ofDays(1));
        assertThat(remote.timeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(file.pipeline().referencePrice().output()).isEqualTo(10);
        assertThat(file.pipeline().toString()).doesNotContain("OPENAI_API_KEY");
    }

    @Test
    void refusesTwoSecondModelsThatWouldShareAnAccount() {
        String other =
                VALID.replace(
                                "referencePrice",
                                """
                                  same: { remote: { url: "https://api.openai.com", model: gpt, budget: { tokens: 9, per: 1 d } } }
                                referencePrice""")
                        + """
                          - name: mood
                            cascade: { below: 0.8, model: same }
                            classify: { labels: [good, bad] }
                        """;
        assertThatThrownBy(() -> PipelineFile.parse(PATH, other))
                .isInstanceOf(PipelineFileException.class)
                .hasMessageContaining(
                        "task 'intent': cascade.model: 'big' and 'same' name the same model of the"
                                + " same server, but differ in keys, rates, prices or budgets");
        assertThat(PipelineFile.parse(PATH, other.replace("gpt, budget", "mini, budget")).models())
                .hasSize(3);
    }

    @Test
    void theCompactLayoutIsForModelsInTheSlot() {
        String compact =
                "extract: { layout: compact, schema: { type: record, name: R, fields: [ { name: a,"
                        + " type: int } ] } }";
        String local =
                """
                name: a
                source: { topic: in, text: "{{ value }}" }
                sink: { topic: out, deadLetterTopic: dead }
                kafka: { bootstrapServers: "b:1" }
                schemaRegistry: { url: "http://r" }
                model: { path: model.gguf }
                tasks: [ { name: t, %s } ]
                """
                        .formatted(compact);
        assertThat(((Extract) PipelineFile.parse(PATH, local).tasks().tasks().get(0)).compact())
                .isTrue();
        String remote =
                local.replace("path: model.gguf", "remote: { url: 'https://a.b', model: gpt }");
        assertThatThrownBy(() -> PipelineFile.parse(PATH, remote))
                .isInstanceOf(PipelineFileException.class)
                .hasMessageContaining(
                        "task 't': extract.layout: compact is for models in the slot");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "model: gpt|modell: gpt|pipeline.yaml:6: unknown key 'modell' in models.big.remote; did you mean 'model'?",
                "url: https|url: ftp|remote.url: expected an http or https URL",
                "per: 1 d, ||budget.per: expected a time after which the budget is renewed",
                "price: { input: 2, output: 8 }|api: openai|remote.price: expected the prices of a million tokens",
                "below: 0.8|below: 80|cascade.below: expected a confidence from 0 to 1",
                "model: big }|model: bigg }|task 'intent': cascade.model: models has no 'bigg'; it has [big]",
                "classify: { labels: [card_arrival, refund] }|summarize: { maxTokens: 20 }|a cascade beside classify only",
                "model: { path: model.gguf }|model: { threads: 2 }|model.path: expected the path of a GGUF file, or else a section 'remote'",
                "model: { path: model.gguf }|model: { path: model.gguf, remote: { url: 'http://a' } }|no path beside 'remote', unless its budget has 'whenSpent: local'",
                "model: { path: model.gguf }|model: { remote: { url: 'http://a', api: anthropic } }|remote.model: expected the name of a model of the server",
                "model: { path: model.gguf }|model: { remote: { url: 'http://a', logprobs: false } }|a cascade needs probabilities, which model.remote does not give",
                "model: { path: model.gguf }|model: { remote: { url: 'https://api.openai.com', model: gpt, budget: { tokens: 1, per: 1 d } } }|task 'intent': cascade.model: 'big' is what 'model' names already",
                "{ path: model.gguf }|{ path: m.gguf, adapters: { a: a.gguf }, remote: { url: 'http://a', budget: { tokens: 1, whenSpent: local } } }|model.adapters: expected no adapters"
            })
    void saysWhatIsWrong(String right, String wrong, String message) {
        String yaml = VALID.replace(right, wrong == null ? "" : wrong);
        assertThat(yaml).isNotEqualTo(VALID);
        assertThatThrownBy(() -> PipelineFile.parse(PATH, yaml))
                .isInstanceOf(PipelineFileException.class)
                .hasMessageContaining(message);
    }
}
