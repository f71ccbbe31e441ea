package io.headrace.inference.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Sends requests and collects the bytes of answers. Thread-safe. */
final class Exchange {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client;
    private final Map<String, String> headers;
    private final RequestLimits limits;

    Exchange(RemoteOptions options, Executor executor) {
        Endpoint endpoint = options.endpoint();
        this.headers = ChatApi.of(endpoint).headers();
        this.limits = options.limits();
        this.client =
                HttpClient.newBuilder()
                        .executor(executor)
                        // Servers in clear text stumble over the offer to upgrade.
                        .version(
                                endpoint.url().getScheme().equals("https")
                                        ? HttpClient.Version.HTTP_2
                                        : HttpClient.Version.HTTP_1_1)
                        .connectTimeout(limits.timeout())
                        .followRedirects(HttpClient.Redirect.NEVER) // A redirect would get the key.
                        .build();
    }

    /** Posts JSON; cancelling the future closes the connection. */
    CompletableFuture<HttpResponse<byte[]>> post(URI uri, Supplier<String> body) {
        try {
            HttpRequest request =
                    builder(uri)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body.get()))
                            .build();
            return client.sendAsync(request, info -> new BoundedBody());
        } catch (RuntimeException | Error e) { // The call has begun and must end.
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Gets JSON, in the caller's time. */
    HttpResponse<byte[]> get(URI uri) throws IOException, InterruptedException {
        HttpRequest request = builder(uri).timeout(limits.timeout()).GET().build();
        return client.send(request, info -> new BoundedBody());
    }

    private HttpRequest.Builder builder(URI uri) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(uri).header("Accept", "application/json");
        headers.forEach(builder::header);
        return builder;
    }

    /** The body as JSON; a missing node where it is none. */
    static JsonNode json(HttpResponse<byte[]> response) {
        try {
            return JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    /** What a server says is wrong, in the forms that are common; else the body's beginning. */
    static String complaint(HttpResponse<byte[]> response) {
        JsonNode body = json(response);
        for (JsonNode place :
                new JsonNode[] {
                    body.path("error").path("message"),
                    body.path("error"),
                    body.path("message"),
                    body.path("detail")
                }) {
            if (place.isTextual()) {
                return AnswerReader.brief(place.asText());
            }
        }
        return AnswerReader.brief(new String(response.body(), StandardCharsets.UTF_8).strip());
    }
}
