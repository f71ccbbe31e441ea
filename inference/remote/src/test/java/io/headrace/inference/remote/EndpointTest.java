package io.headrace.inference.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.remote.Endpoint.Api;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndpointTest {

    private static Endpoint withKey(String key) {
        URI url = URI.create("http://127.0.0.1:1");
        return new Endpoint(Api.OPENAI, url, "m", key, Map.of("x-team", " a\n"), true);
    }

    @Test
    void secretsLoseTheLineBreakThatTheirFilesEndWith() {
        Endpoint endpoint = withKey("sk-secret\n");
        assertThat(endpoint.apiKey()).isEqualTo("sk-secret");
        assertThat(endpoint.headers()).containsEntry("x-team", "a");
    }

    @Test
    void whatHttpCannotSendIsRefusedWithoutQuotingIt() {
        assertThatThrownBy(() -> withKey("sk-sec\nret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("API key")
                .hasMessageNotContaining("sec\nret");
    }
}
