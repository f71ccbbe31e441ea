package io.headrace.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks a starting registry for its default rule, which says at once that it answers. */
record RegistryProbe(HttpClient client, String url) {

    /** Makes backward compatibility the rule; returns false while the server is not ready. */
    boolean setsBackwardCompatibility() {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url + "/config"))
                        .timeout(Duration.ofSeconds(10))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .PUT(
                                HttpRequest.BodyPublishers.ofString(
                                        "{\"compatibility\":\"BACKWARD\"}"))
                        .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerStartException("The wait for the schema registry was interrupted.", e);
        }
    }
}
