package io.headrace.inference.remote;

import com.fasterxml.jackson.databind.JsonNode;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.ModelLoadException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** What a model on a server is called. */
final class ModelNames {

    private ModelNames() {}

    /** Asks the server for the name of its model where the options have none. */
    static RemoteOptions complete(RemoteOptions options, Exchange exchange) {
        Endpoint endpoint = options.endpoint();
        if (!endpoint.model().isEmpty()) {
            return options;
        }
        List<String> names = names(endpoint, exchange);
        if (names.size() != 1) {
            throw new ModelLoadException(
                    "The server at "
                            + endpoint.url()
                            + (names.isEmpty()
                                    ? " tells no models; name one in 'model'."
                                    : " has several models; name one of them in 'model': "
                                            + String.join(", ", names)
                                            + "."));
        }
        return options.withEndpoint(endpoint.withModel(names.get(0)));
    }

    private static List<String> names(Endpoint endpoint, Exchange exchange) {
        HttpResponse<byte[]> response = models(endpoint, exchange);
        requireReady(endpoint, response);
        if (response.statusCode() != 200) {
            throw refused(endpoint, response, "does not tell its models; name one in 'model'");
        }
        List<String> names = new ArrayList<>();
        for (JsonNode model : Exchange.json(response).path("data")) {
            names.add(model.path("id").asText());
        }
        return names;
    }

    /**
     * Asks whether the server is there and ready, and takes the key. Not all servers list their
     * models.
     *
     * @throws ModelLoadException if not
     */
    static void check(RemoteOptions options, Exchange exchange) {
        HttpResponse<byte[]> response = models(options.endpoint(), exchange);
        if (response.statusCode() == 401 || response.statusCode() == 403) {
            throw refused(options.endpoint(), response, "refuses the key");
        }
        requireReady(options.endpoint(), response);
    }

    /** Servers that load their model, or their proxies, say 503. */
    private static void requireReady(Endpoint endpoint, HttpResponse<byte[]> response) {
        if (response.statusCode() == 503) {
            throw refused(endpoint, response, "is not ready yet; try again when it is");
        }
    }

    private static ModelLoadException refused(
            Endpoint endpoint, HttpResponse<byte[]> response, String what) {
        return new ModelLoadException(
                endpoint.withoutSecrets(
                        "The server at "
                                + endpoint.url()
                                + " "
                                + what
                                + " ("
                                + response.statusCode()
                                + ": "
                                + Exchange.complaint(response)
                                + ")."));
    }

    private static HttpResponse<byte[]> models(Endpoint endpoint, Exchange exchange) {
        try {
            return exchange.get(endpoint.path("/models"));
        } catch (IOException e) {
            throw new ModelLoadException(
                    "The server at "
                            + endpoint.url()
                            + " cannot be reached: "
                            + (e.getMessage() == null ? e : e.getMessage())
                            + ".",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelLoadException("interrupted while asking for the server's models", e);
        }
    }

    /** There is no file to digest: the digest is that of what the model is asked for by. */
    static ModelInfo info(RemoteOptions options) {
        Endpoint endpoint = options.endpoint();
        String api = endpoint.api().name().toLowerCase(Locale.ROOT);
        return new ModelInfo(
                endpoint.model(),
                digest(api + " " + endpoint.url() + " " + endpoint.model()),
                api,
                "remote",
                options.contextTokens(),
                0);
    }

    private static String digest(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
