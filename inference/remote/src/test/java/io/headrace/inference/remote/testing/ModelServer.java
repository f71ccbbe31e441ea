package io.headrace.inference.remote.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

/**
 * A model server of both API families over real HTTP, which answers by a script. Thread-safe.
 *
 * <p>Each answer is billed with 100 tokens of prompt and 10 of output.
 */
public final class ModelServer implements AutoCloseable {

    public static final int PROMPT_TOKENS = 100;
    public static final int OUTPUT_TOKENS = 10;

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A request.
     *
     * @param number from 1, in the order of arrival
     * @param headers with names in lower case
     */
    public record Asked(int number, String path, Map<String, String> headers, JsonNode body) {

        public boolean anthropic() {
            return path.endsWith("/messages");
        }

        /** What the user says. */
        public String text() {
            String text = "";
            for (JsonNode message : body.path("messages")) {
                text = message.path("content").asText();
            }
            return text;
        }

        /** The record that stands in the prompt's fence. */
        public String record() {
            String text = text();
            int from = text.indexOf("<message>\n");
            return from < 0 ? text : text.substring(from + 10, text.indexOf("\n</message>"));
        }

        /** The schema that is asked for; a missing node for text. */
        public JsonNode schema() {
            return anthropic()
                    ? body.path("tools").path(0).path("input_schema")
                    : body.path("response_format").path("json_schema").path("schema");
        }

        /** Whether a label is asked for. */
        public boolean wantsLabel() {
            return schema().path("properties").path("label").has("enum");
        }
    }

    /** What is answered to a request. */
    @FunctionalInterface
    public interface Script {
        Answer answer(Asked asked) throws Exception;
    }

    /**
     * An answer.
     *
     * @param declaredBytes length that the headers declare; negative for the true one
     */
    public record Answer(int status, Map<String, String> headers, String body, long declaredBytes) {

        public static Answer of(int status, String body) {
            return new Answer(status, Map.of(), body, -1);
        }

        /** An error as these APIs write it. */
        public static Answer error(int status, String message, Map<String, String> headers) {
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            body.putObject("error").put("message", message).put("type", "test");
            return new Answer(status, headers, body.toString(), -1);
        }

        /** A connection that ends in the middle of the answer. */
        public static Answer cut() {
            return new Answer(200, Map.of(), "{\"choices\":[{\"mess", 10_000);
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Asked> asked = new ArrayList<>();
    private volatile Script script;

    private ModelServer(HttpServer server, Script script) {
        this.server = server;
        this.script = script;
    }

    public static ModelServer start(Script script) {
        try {
            HttpServer http =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_000);
            ModelServer server = new ModelServer(http, script);
            http.createContext("/", server::handle);
            http.setExecutor(server.threads);
            http.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server that says yes and amen: the first label, a fitting object, a short text. */
    public static ModelServer start() {
        return start(ModelServer::fitting);
    }

    /** A server that answers with these labels, and fittingly to all else. */
    public static ModelServer labelling(UnaryOperator<String> labelOfRecord) {
        return start(
                asked ->
                        asked.wantsLabel()
                                ? completion(asked, label(labelOfRecord.apply(asked.record())))
                                : fitting(asked));
    }

    public void setScript(Script next) {
        script = next;
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** All requests so far. */
    public List<Asked> asked() {
        synchronized (asked) {
            return List.copyOf(asked);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        Answer answer;
        try {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Map<String, String> headers = new HashMap<>();
            exchange.getRequestHeaders()
                    .forEach(
                            (name, values) ->
                                    headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
            Asked next;
            synchronized (asked) {
                next =
                        new Asked(
                                asked.size() + 1,
                                exchange.getRequestURI().getPath(),
                                headers,
                                body.length == 0
                                        ? JsonNodeFactory.instance.objectNode()
                                        : JSON.readTree(body));
                asked.add(next);
            }
            answer = script.answer(next);
        } catch (Exception e) {
            answer = Answer.error(500, e.toString(), Map.of());
        }
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(
                answer.status(),
                answer.declaredBytes() < 0 ? bytes.length : answer.declaredBytes());
        try (exchange) {
            exchange.getResponseBody().write(bytes);
        }
    }

    /** An answer that fits what was asked for. */
    public static Answer fitting(Asked asked) {
        return completion(
                asked,
                asked.schema().isMissingNode()
                        ? "A short text."
                        : SchemaSample.of(asked.schema()).toString());
    }

    public static String label(String label) {
        return JsonNodeFactory.instance.objectNode().put("label", label).toString();
    }

    /** A successful answer with this content, in the form of the API that was asked. */
    public static Answer completion(Asked asked, String content) {
        return Answer.of(
                200,
                (asked.anthropic() ? anthropic(asked, content) : openAi(asked, content))
                        .toString());
    }

    /** A successful answer of chat completions, to be changed. */
    public static ObjectNode openAi(Asked asked, String content) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("id", "test").put("model", asked.body().path("model").asText());
        ObjectNode choice = body.putArray("choices").addObject();
        choice.put("index", 0).put("finish_reason", "stop");
        choice.putObject("message").put("role", "assistant").put("content", content);
        body.putObject("usage")
                .put("prompt_tokens", PROMPT_TOKENS)
                .put("completion_tokens", OUTPUT_TOKENS);
        return body;
    }

    private static ObjectNode anthropic(Asked asked, String content) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("type", "message").put("model", asked.body().path("model").asText());
        ObjectNode block = body.putArray("content").addObject();
        if (asked.body().has("tools")) {
            body.put("stop_reason", "tool_use");
            block.put("type", "tool_use").put("name", "answer");
            try {
                block.set("input", JSON.readTree(content));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        } else {
            body.put("stop_reason", "end_turn");
            block.put("type", "text").put("text", content);
        }
        body.putObject("usage")
                .put("input_tokens", PROMPT_TOKENS)
                .put("output_tokens", OUTPUT_TOKENS);
        return body;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
