package io.headrace.inference.remote;

import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import io.headrace.inference.remote.testing.ModelServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** A server and an engine that asks it. */
abstract class RemoteTestCase {

    static final String KEY = "sk-very-secret";
    static final Output LABELS = new Output.Labels(List.of("refund", "lost_card", "card_arrival"));
    static final Output TEXT = new Output.Text(20, List.of(), Sampling.GREEDY);
    static final Output NUMBER =
            new Output.Json(
                    """
                    {"type":"object","properties":{"people":{"type":"integer","minimum":0,\
                    "maximum":9}},"required":["people"],"additionalProperties":false}""",
                    50,
                    Sampling.GREEDY);

    final ModelServer server = ModelServer.start();
    RemoteEngine engine;

    @AfterEach
    void closeAll() {
        if (engine != null) {
            engine.close();
        }
        server.close();
    }

    RemoteOptions options(Endpoint.Api api) {
        return RemoteOptions.of(new Endpoint(api, server.url(), "big", KEY, Map.of(), true))
                .withLimits(limits(4));
    }

    static RequestLimits limits(int concurrency) {
        return new RequestLimits(concurrency, 0, 0, Duration.ofSeconds(20));
    }

    RemoteEngine open(RemoteOptions options) {
        engine = RemoteEngine.open(options);
        return engine;
    }

    static InferenceRequest request(Output output) {
        return request("I lost my card", output);
    }

    static InferenceRequest request(String text, Output output) {
        return new InferenceRequest(
                new Prompt("Read the message.", List.of("<message>\n", text, "\n</message>")),
                output);
    }

    InferenceResult ask(Output output) throws Exception {
        return engine.submit(request(output)).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
