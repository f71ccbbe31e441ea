package io.headrace.inference.remote;

import java.io.Serializable;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The server to ask. Its text form shows no secret.
 *
 * @param api what it speaks
 * @param url base URL; where it has no path, {@code /v1} is added
 * @param model name of the model there; empty for the only one that the server has
 * @param apiKey the key; empty where none is needed
 * @param headers further headers of every request
 * @param logprobs whether to ask for the probabilities of tokens
 */
public record Endpoint(
        Api api,
        URI url,
        String model,
        String apiKey,
        Map<String, String> headers,
        boolean logprobs)
        implements Serializable {

    /** A family of APIs. */
    public enum Api {
        /** {@code POST /chat/completions}, as vLLM, SGLang, llama.cpp, Ollama and many others. */
        OPENAI,
        /** {@code POST /messages}. */
        ANTHROPIC
    }

    public Endpoint {
        Objects.requireNonNull(api, "api");
        Objects.requireNonNull(model, "model");
        // A secret out of a file or a variable often ends with a line break.
        apiKey = sendable(apiKey, "the API key");
        Map<String, String> clean = new LinkedHashMap<>();
        headers.forEach((name, value) -> clean.put(name, sendable(value, "header " + name)));
        headers = Map.copyOf(clean);
        url = withVersion(url);
    }

    /** Without a key, with probabilities. */
    public static Endpoint of(Api api, URI url, String model) {
        return new Endpoint(api, url, model, "", Map.of(), true);
    }

    /** Without what the JDK would refuse and quote in its message. */
    private static String sendable(String secret, String what) {
        String stripped = secret.strip();
        if (stripped.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new IllegalArgumentException(
                    what + " holds a character that HTTP does not send; check the secret");
        }
        return stripped;
    }

    private static URI withVersion(URI url) {
        String text = url.toString();
        while (text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        boolean bare = url.getPath() == null || url.getPath().replace("/", "").isEmpty();
        return URI.create(bare ? text + "/v1" : text);
    }

    /** With another key. */
    public Endpoint withApiKey(String key) {
        return new Endpoint(api, url, model, key, headers, logprobs);
    }

    Endpoint withModel(String name) {
        return new Endpoint(api, url, name, apiKey, headers, logprobs);
    }

    /** An address below the base URL. */
    URI path(String below) {
        return URI.create(url + below);
    }

    /** A text of the server's, without the key if it quotes it. */
    String withoutSecrets(String text) {
        String clean = apiKey.isEmpty() ? text : text.replace(apiKey, "***");
        for (String value : headers.values()) {
            clean = value.isEmpty() ? clean : clean.replace(value, "***");
        }
        return clean;
    }

    @Override
    public String toString() {
        return "Endpoint[" + api + ", " + url.getHost() + ", model=" + model + "]";
    }
}
