package io.headrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LocalServersITCase {

    private static LocalServers servers;

    @BeforeAll
    static void start() {
        servers = LocalServers.start();
    }

    @AfterAll
    static void close() {
        servers.close();
    }

    @Test
    void keepsItsTopicsAndItsAddressOverARestart() {
        LocalKafka kafka = servers.kafka();
        String address = kafka.bootstrapServers();
        try (LocalTopics topics = kafka.topics()) {
            topics.create("kept", 3);
        }

        kafka.kill();
        kafka.restart();

        assertThat(kafka.bootstrapServers()).isEqualTo(address);
        try (LocalTopics topics = kafka.topics()) {
            assertThat(topics.names()).contains("kept");
        }
    }

    @Test
    void keepsSchemasAndItsRuleOverARestart() throws Exception {
        String path = "/subjects/kept-value/versions";
        String schema = "{\"schema\":\"\\\"string\\\"\"}";
        assertThat(send("POST", path, schema).statusCode()).isEqualTo(200);

        servers.registry().stop();
        servers.registry().restart();

        assertThat(send("GET", path, "").body()).isEqualTo("[1]");
        assertThat(send("GET", "/config", "").body()).contains("BACKWARD");
    }

    @Test
    void deletesItsDirectoryAtClose() {
        LocalKafka kafka = LocalKafka.start();
        Path directory = kafka.logFile().getParent();
        assertThat(directory).exists();
        long pid = kafka.pid();

        kafka.close();

        assertThat(directory).doesNotExist();
        assertThat(ProcessHandle.of(pid)).isEmpty();
    }

    private static HttpResponse<String> send(String method, String path, String body)
            throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(servers.registry().url() + path))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }
}
