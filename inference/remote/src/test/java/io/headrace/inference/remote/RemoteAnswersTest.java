package io.headrace.inference.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import io.headrace.inference.remote.testing.ModelServer;
import io.headrace.inference.remote.testing.ModelServer.Answer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a well-behaved server of each family is asked, and how its answers are read. */
class RemoteAnswersTest extends RemoteTestCase {

    @ParameterizedTest
    @EnumSource
    void answersLabelsObjectsAndTextsAndSaysWhatTheyCost(Endpoint.Api api) throws Exception {
        open(options(api).withPrices(new Prices(2, 0.5, 8)));

        InferenceResult.Chosen label = (InferenceResult.Chosen) ask(LABELS);
        InferenceResult.Generated object = (InferenceResult.Generated) ask(NUMBER);
        InferenceResult.Generated text = (InferenceResult.Generated) ask(TEXT);

        assertThat(label.label()).isZero();
        assertThat(label.probability()).isNaN(); // The server gave none.
        assertThat(object.text()).isEqualTo("{\"people\":1}");
        assertThat(text.text()).isEqualTo("A short text.");
        assertThat(text.usage().promptTokens()).isEqualTo(100);
        assertThat(text.usage().outputTokens()).isEqualTo(10);
        assertThat(text.usage().costNanos()).isEqualTo(1_000 * (100 * 2 + 10 * 8));
        assertThat(text.usage().answeredBy()).isEqualTo("big");
        assertThat(engine.spending().tokens()).isEqualTo(3 * 110);
        assertThat(engine.spending().costNanos()).isEqualTo(3 * 280_000);
    }

    @Test
    void speaksChatCompletions() throws Exception {
        open(options(Endpoint.Api.OPENAI));
        ask(LABELS);
        ModelServer.Asked asked = server.asked().get(0);
        assertThat(asked.path()).isEqualTo("/v1/chat/completions");
        assertThat(asked.headers()).containsEntry("authorization", "Bearer " + KEY);
        JsonNode body = asked.body();
        assertThat(body.path("messages").path(0).path("content").asText())
                .isEqualTo("Read the message.");
        assertThat(body.path("response_format").path("json_schema").path("strict").asBoolean())
                .isTrue();
        assertThat(asked.schema().path("properties").path("label").path("enum").toString())
                .isEqualTo("[\"refund\",\"lost_card\",\"card_arrival\"]");
        assertThat(body.path("top_logprobs").asInt()).isEqualTo(20);
    }

    @Test
    void speaksMessages() throws Exception {
        open(options(Endpoint.Api.ANTHROPIC));
        ask(NUMBER);
        ModelServer.Asked asked = server.asked().get(0);
        assertThat(asked.path()).isEqualTo("/v1/messages");
        assertThat(asked.headers())
                .containsEntry("x-api-key", KEY)
                .containsEntry("anthropic-version", "2023-06-01");
        assertThat(asked.body().path("system").asText()).isEqualTo("Read the message.");
        assertThat(asked.body().path("tool_choice").path("name").asText()).isEqualTo("answer");
        assertThat(asked.schema().path("properties").has("people")).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void wrapsSchemasThatAreNoObjects(Endpoint.Api api) throws Exception {
        open(options(api));
        Output level = new Output.Json("{\"type\":\"integer\"}", 20, Sampling.GREEDY);
        assertThat(((InferenceResult.Generated) ask(level)).text()).isEqualTo("1");
        assertThat(server.asked().get(0).schema().path("type").asText()).isEqualTo("object");
    }

    @Test
    void refusesSpansThatDoNotStandInTheText() throws Exception {
        open(options(Endpoint.Api.OPENAI));
        String schema =
                """
                {"type":"object","properties":{"name":{"anyOf":[{"type":"null"},{"type":"string",\
                "x-headrace-span":true}]},"kind":{"enum":["person","firm"]}},\
                "required":["name","kind"],"additionalProperties":false}""";
        Output output = new Output.Json(schema, 50, Sampling.GREEDY, "from Ada Lovelace");
        server.setScript(
                asked -> {
                    assertThat(asked.schema().toString()).doesNotContain("x-headrace");
                    return ModelServer.completion(
                            asked,
                            asked.number() == 1
                                    ? "{\"name\":\"Ada\",\"kind\":\"person\"}"
                                    : "{\"name\":\"Bob\",\"kind\":\"person\"}");
                });
        assertThat(ask(output)).isInstanceOf(InferenceResult.Generated.class);
        assertThat(ask(output))
                .isInstanceOfSatisfying(
                        InferenceResult.Failed.class,
                        failed ->
                                assertThat(failed.reason())
                                        .contains("Bob")
                                        .contains("does not stand in the text"));
    }

    @Test
    void goesOnWithoutWhatTheServerRefuses() throws Exception {
        open(options(Endpoint.Api.OPENAI));
        server.setScript(
                asked -> {
                    JsonNode body = asked.body();
                    if (body.has("logprobs")) {
                        return error("property 'logprobs' is unsupported");
                    }
                    if (body.has("max_tokens")) {
                        return error("use 'max_completion_tokens' instead of 'max_tokens'");
                    }
                    if (body.has("temperature")) {
                        return error("only the default temperature is supported");
                    }
                    if (body.path("response_format").path("type").asText().equals("json_schema")) {
                        return error("this model does not support response_format json_schema");
                    }
                    return ModelServer.completion(asked, "```json\n{\"label\": \"refund\"}\n```");
                });
        assertThat(ask(LABELS)).isInstanceOf(InferenceResult.Chosen.class);
        int first = server.asked().size();
        assertThat(first).isEqualTo(6);
        assertThat(server.asked().get(5).text()).contains("\"enum\":[\"refund\"");
        assertThat(ask(LABELS)).isInstanceOf(InferenceResult.Chosen.class);
        assertThat(server.asked()).hasSize(first + 1);
    }

    private static Answer error(String message) {
        return Answer.error(400, message, Map.of());
    }

    @Test
    void findsTheOnlyModelOfAServer() throws Exception {
        server.setScript(
                asked ->
                        asked.path().endsWith("/models")
                                ? Answer.of(200, "{\"data\":[{\"id\":\"llama-70b\"}]}")
                                : ModelServer.fitting(asked));
        open(RemoteOptions.of(Endpoint.of(Endpoint.Api.OPENAI, server.url(), "")));
        assertThat(engine.model().name()).isEqualTo("llama-70b");
        ask(TEXT);
        assertThat(server.asked().get(1).body().path("model").asText()).isEqualTo("llama-70b");
    }

    @Test
    void asksWhichModelWhereAServerHasSeveral() {
        server.setScript(asked -> Answer.of(200, "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}"));
        assertThatThrownBy(
                        () ->
                                open(
                                        RemoteOptions.of(
                                                Endpoint.of(
                                                        Endpoint.Api.OPENAI, server.url(), ""))))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("several models; name one of them in 'model': a, b");
    }
}
