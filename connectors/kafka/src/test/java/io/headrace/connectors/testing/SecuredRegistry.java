package io.headrace.connectors.testing;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/**
 * A gate before a registry that asks for TLS and for a user with a password, as operators put
 * before registries that have neither.
 */
public final class SecuredRegistry implements AutoCloseable {

    /** The user that it knows. */
    public static final String USER = "reader";

    /** The user's password. */
    public static final String PASSWORD = "s3cret-registry";

    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";

    private final HttpsServer server;
    private final HttpClient client = HttpClient.newHttpClient();
    private final URI target;

    private SecuredRegistry(HttpsServer server, URI target) {
        this.server = server;
        this.target = target;
    }

    /** Starts a gate before the registry at an address. */
    public static SecuredRegistry start(Certificates certificates, String registryUrl)
            throws Exception {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        HttpsServer server = HttpsServer.create(anyPort, 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificates.serverContext()));
        SecuredRegistry gate = new SecuredRegistry(server, URI.create(registryUrl));
        server.createContext("/", gate::forward).setAuthenticator(new OneUser());
        server.start();
        return gate;
    }

    /** Returns the address of the registry's API behind the gate. */
    public String url() {
        return "https://127.0.0.1:" + server.getAddress().getPort() + target.getPath();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void forward(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        HttpRequest request =
                HttpRequest.newBuilder(target.resolve(exchange.getRequestURI()))
                        .header("Content-Type", CONTENT_TYPE)
                        .method(
                                exchange.getRequestMethod(),
                                HttpRequest.BodyPublishers.ofByteArray(body))
                        .build();
        try (exchange) {
            HttpResponse<byte[]> answer =
                    client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
            exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
            exchange.getResponseBody().write(answer.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class OneUser extends BasicAuthenticator {

        OneUser() {
            super("registry");
        }

        @Override
        public boolean checkCredentials(String user, String password) {
            return user.equals(USER) && password.equals(PASSWORD);
        }
    }
}
