package io.headrace.inference.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * OpenAI's chat completions, as they and many servers speak them.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat">the reference</a>
 */
record OpenAiApi(Endpoint endpoint) implements ChatApi {

    /** The most that OpenAI, vLLM and Ollama give. */
    private static final int TOP_LOGPROBS = 20;

    @Override
    public URI uri() {
        return endpoint.path("/chat/completions");
    }

    @Override
    public Map<String, String> headers() {
        Map<String, String> headers = new HashMap<>();
        if (!endpoint.apiKey().isEmpty()) {
            headers.put("Authorization", "Bearer " + endpoint.apiKey());
        }
        headers.putAll(endpoint.headers());
        return headers;
    }

    @Override
    public ObjectNode body(InferenceRequest request, AnswerForm form, Features features) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("model", endpoint.model());
        ArrayNode messages = body.putArray("messages");
        if (!request.prompt().system().isEmpty()) {
            messages.addObject().put("role", "system").put("content", request.prompt().system());
        }
        messages.addObject()
                .put("role", "user")
                .put("content", String.join("", request.prompt().user()) + form.instruction());
        body.put(
                features.completionTokens() ? "max_completion_tokens" : "max_tokens",
                form.maxTokens());
        sampling(body, request.output(), features);
        if (form.schema().isPresent()) {
            structure(body, form, features.structure());
        }
        if (features.logprobs() && request.output() instanceof Output.Labels) {
            body.put("logprobs", true).put("top_logprobs", TOP_LOGPROBS);
        }
        return body;
    }

    private static void sampling(ObjectNode body, Output output, Features features) {
        Sampling sampling = Sampling.GREEDY;
        if (output instanceof Output.Json json) {
            sampling = json.sampling();
        } else if (output instanceof Output.Text text) {
            sampling = text.sampling();
            if (!text.stop().isEmpty()) {
                ArrayNode stop = body.putArray("stop");
                text.stop().forEach(stop::add);
            }
        }
        if (features.temperature()) {
            body.put("temperature", sampling.temperature());
            if (sampling.topP() < 1) {
                body.put("top_p", sampling.topP());
            }
        }
    }

    private static void structure(ObjectNode body, AnswerForm form, Features.Structure structure) {
        switch (structure) {
            case SCHEMA, PLAIN_SCHEMA -> {
                ObjectNode format = body.putObject("response_format").put("type", "json_schema");
                ObjectNode schema =
                        format.putObject("json_schema").put("name", "answer").put("strict", true);
                schema.set("schema", form.schema(structure));
            }
            case JSON_OBJECT -> body.putObject("response_format").put("type", "json_object");
            case PROMPT -> {}
        }
    }

    @Override
    public Reply reply(JsonNode body) {
        JsonNode choice = body.path("choices").path(0);
        if (choice.isMissingNode()) {
            String why = body.path("error").path("message").asText(); // as OpenRouter sends it
            throw new InvalidAnswerException(
                    "the server's answer has no choices" + (why.isEmpty() ? "" : ": " + why));
        }
        JsonNode message = choice.path("message");
        String reason = choice.path("finish_reason").asText("");
        Optional<String> refusal =
                message.path("refusal").isTextual()
                        ? Optional.of(message.path("refusal").asText())
                        : reason.equals("content_filter")
                                ? Optional.of("a content filter of the server")
                                : Optional.empty();
        JsonNode content = message.path("content");
        if (!content.isTextual() && refusal.isEmpty()) {
            throw new InvalidAnswerException("the server's answer has no content");
        }
        return new Reply(
                content.asText(""),
                reason.equals("length"),
                refusal,
                tokens(choice.path("logprobs").path("content")),
                billed(body.path("usage")));
    }

    private static List<Reply.Token> tokens(JsonNode logprobs) {
        List<Reply.Token> tokens = new ArrayList<>();
        for (JsonNode token : logprobs) {
            List<Reply.Alternative> top = new ArrayList<>();
            token.path("top_logprobs").forEach(alternative -> top.add(alternative(alternative)));
            tokens.add(new Reply.Token(alternative(token), top));
        }
        return tokens;
    }

    private static Reply.Alternative alternative(JsonNode token) {
        return new Reply.Alternative(
                token.path("token").asText(), token.path("logprob").asDouble(Double.NaN));
    }

    private static Optional<Reply.Billed> billed(JsonNode usage) {
        if (!usage.path("prompt_tokens").isNumber()) {
            return Optional.empty();
        }
        return Optional.of(
                new Reply.Billed(
                        usage.path("prompt_tokens").asInt(),
                        usage.path("prompt_tokens_details").path("cached_tokens").asInt(0),
                        usage.path("completion_tokens").asInt()));
    }
}
