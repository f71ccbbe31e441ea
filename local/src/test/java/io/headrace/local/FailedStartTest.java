package io.headrace.local;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailedStartTest {

    @Test
    void saysWhatABrokerPrintedThatDidNotStart() {
        assertThatThrownBy(() -> LocalKafka.start(Map.of("num.io.threads", "none")))
                .isInstanceOf(ServerStartException.class)
                .hasMessageContaining("Kafka broker ended with exit code 1")
                .hasMessageContaining("num.io.threads");
    }

    @Test
    void saysWhereItLookedForTheRegistryServer(@TempDir Path folder) {
        assertThatThrownBy(() -> LocalSchemaRegistry.start(folder))
                .isInstanceOf(ServerStartException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("build the module named local");
    }

    @Test
    void givesUpOnAServerThatDoesNotAnswerInTime(@TempDir Path folder) {
        ChildProcess child =
                ChildProcess.start("silent server", List.of("sleep", "60"), folder.resolve("log"));
        try {
            assertThatThrownBy(() -> child.awaitReady(() -> false, Duration.ofMillis(200)))
                    .isInstanceOf(ServerStartException.class)
                    .hasMessageContaining("silent server did not answer");
        } finally {
            child.kill();
        }
    }
}
