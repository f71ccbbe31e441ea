package io.headrace.inference.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.InferenceRequest;
import java.net.URI;
import java.util.Map;

/** The form of requests and answers of a family of APIs. Thread-safe. */
interface ChatApi {

    /** Where requests are posted to. */
    URI uri();

    /** Headers of every request. */
    Map<String, String> headers();

    ObjectNode body(InferenceRequest request, AnswerForm form, Features features);

    /**
     * Reads a successful answer.
     *
     * @throws InvalidAnswerException if it has not the form of the API
     */
    Reply reply(JsonNode body);

    static ChatApi of(Endpoint endpoint) {
        return switch (endpoint.api()) {
            case OPENAI -> new OpenAiApi(endpoint);
            case ANTHROPIC -> new AnthropicApi(endpoint);
        };
    }
}
