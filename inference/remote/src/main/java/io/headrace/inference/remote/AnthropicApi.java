package io.headrace.inference.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Anthropic's messages. JSON is asked for as the input of a tool that the model must use. There are
 * no probabilities.
 *
 * @see <a href="https://docs.claude.com/en/api/messages">the reference</a>
 */
record AnthropicApi(Endpoint endpoint) implements ChatApi {

    private static final String VERSION = "2023-06-01";
    private static final String TOOL = "answer";

    @Override
    public URI uri() {
        return endpoint.path("/messages");
    }

    @Override
    public Map<String, String> headers() {
        Map<String, String> headers = new HashMap<>();
        headers.put("anthropic-version", VERSION);
        if (!endpoint.apiKey().isEmpty()) {
            headers.put("x-api-key", endpoint.apiKey());
        }
        headers.putAll(endpoint.headers());
        return headers;
    }

    @Override
    public ObjectNode body(InferenceRequest request, AnswerForm form, Features features) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("model", endpoint.model());
        body.put("max_tokens", form.maxTokens());
        if (!request.prompt().system().isEmpty()) {
            body.put("system", request.prompt().system());
        }
        boolean tool = form.schema().isPresent() && features.structure().hasSchema();
        String user = String.join("", request.prompt().user());
        body.putArray("messages")
                .addObject()
                .put("role", "user")
                .put("content", tool ? user : user + form.instruction());
        if (features.temperature()) {
            body.put("temperature", temperature(request.output()));
        }
        if (request.output() instanceof Output.Text text && !text.stop().isEmpty()) {
            ArrayNode stop = body.putArray("stop_sequences");
            text.stop().forEach(stop::add);
        }
        if (tool) {
            ObjectNode answer = body.putArray("tools").addObject();
            answer.put("name", TOOL).put("description", "Takes the answer to the task.");
            answer.set("input_schema", form.schema(features.structure()));
            body.putObject("tool_choice").put("type", "tool").put("name", TOOL);
        }
        return body;
    }

    private static double temperature(Output output) {
        Sampling sampling =
                output instanceof Output.Json json
                        ? json.sampling()
                        : output instanceof Output.Text text ? text.sampling() : Sampling.GREEDY;
        return Math.min(1, sampling.temperature());
    }

    @Override
    public Reply reply(JsonNode body) {
        String reason = body.path("stop_reason").asText("");
        Optional<String> refusal =
                reason.equals("refusal") ? Optional.of("the model refused") : Optional.empty();
        StringBuilder text = new StringBuilder();
        String input = null;
        for (JsonNode block : body.path("content")) {
            if (block.path("type").asText().equals("tool_use")) {
                input = block.path("input").toString();
            } else if (block.path("type").asText().equals("text")) {
                text.append(block.path("text").asText());
            }
        }
        if (input == null && text.isEmpty() && refusal.isEmpty()) {
            throw new InvalidAnswerException("the server's answer has no content");
        }
        return new Reply(
                input == null ? text.toString() : input,
                reason.equals("max_tokens"),
                refusal,
                List.of(),
                billed(body.path("usage")));
    }

    private static Optional<Reply.Billed> billed(JsonNode usage) {
        if (!usage.path("input_tokens").isNumber()) {
            return Optional.empty();
        }
        int cached = usage.path("cache_read_input_tokens").asInt(0);
        int written = usage.path("cache_creation_input_tokens").asInt(0);
        return Optional.of(
                new Reply.Billed(
                        usage.path("input_tokens").asInt() + cached + written,
                        cached,
                        usage.path("output_tokens").asInt()));
    }
}
