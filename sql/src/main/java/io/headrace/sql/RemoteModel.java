package io.headrace.sql;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.remote.Endpoint;
import io.headrace.inference.remote.RemoteEngine;
import io.headrace.inference.remote.RemoteOptions;
import io.headrace.inference.remote.SecretText;
import io.headrace.operators.EngineProvider;

/**
 * Opens engines that ask a model server, one for each function. The key is a reference until then,
 * so that no plan holds it.
 *
 * @param options with a reference in place of the key
 */
record RemoteModel(RemoteOptions options) implements EngineProvider {

    @Override
    public InferenceEngine open() {
        Endpoint endpoint = options.endpoint();
        return RemoteEngine.open(
                options.withEndpoint(endpoint.withApiKey(SecretText.resolve(endpoint.apiKey()))));
    }
}
