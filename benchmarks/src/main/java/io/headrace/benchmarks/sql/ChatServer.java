package io.headrace.benchmarks.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A small chat-completions server over an engine, as a model server would stand beside Flink: one
 * request is one prompt. Beside the usual fields it takes {@code guided_choice} and {@code
 * guided_json}, vLLM's names; for a choice the content is {@code {"label": …, "probability": …}}.
 */
final class ChatServer implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int OK = 200;

    private final InferenceEngine engine;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private ChatServer(InferenceEngine engine) throws IOException {
        this.engine = engine;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        server.createContext("/v1/chat/completions", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    static ChatServer start(InferenceEngine engine) throws IOException {
        return new ChatServer(engine);
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/chat/completions";
    }

    /** Reads a request and leaves its thread; the engine's thread writes the response. */
    private void answer(HttpExchange exchange) throws IOException {
        JsonNode request = JSON.readTree(exchange.getRequestBody());
        JsonNode messages = request.get("messages");
        Prompt prompt =
                new Prompt(
                        messages.get(0).get("content").textValue(),
                        List.of(messages.get(1).get("content").textValue()));
        Output output = output(request);
        engine.submit(new InferenceRequest(prompt, output))
                .thenAcceptAsync(result -> respond(exchange, content(result, output)), threads);
    }

    private static Output output(JsonNode request) {
        int maxTokens = request.path("max_tokens").asInt(1);
        if (request.has("guided_choice")) {
            List<String> labels = new ArrayList<>();
            request.get("guided_choice").forEach(label -> labels.add(label.textValue()));
            return new Output.Labels(labels);
        }
        return request.has("guided_json")
                ? new Output.Json(request.get("guided_json").toString(), maxTokens, Sampling.GREEDY)
                : new Output.Text(maxTokens, List.of(), Sampling.GREEDY);
    }

    private static String content(InferenceResult result, Output output) {
        if (result instanceof InferenceResult.Generated generated) {
            return generated.text();
        }
        if (result instanceof InferenceResult.Scores scores
                && output instanceof Output.Labels labels) {
            double best = Collections.max(scores.probabilities());
            return JSON.createObjectNode()
                    .put("label", labels.labels().get(scores.probabilities().indexOf(best)))
                    .put("probability", best)
                    .toString();
        }
        throw new IllegalStateException("a request ended as " + result);
    }

    private static void respond(HttpExchange exchange, String content) {
        ObjectNode response = JSON.createObjectNode();
        response.putArray("choices")
                .addObject()
                .putObject("message")
                .put("role", "assistant")
                .put("content", content);
        try (exchange) {
            byte[] bytes = JSON.writeValueAsBytes(response);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(OK, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
