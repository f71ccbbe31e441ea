package io.headrace.sql;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.headrace.inference.remote.Budget;
import io.headrace.inference.remote.Endpoint;
import io.headrace.inference.remote.Prices;
import io.headrace.inference.remote.RemoteOptions;
import io.headrace.inference.remote.RequestLimits;
import io.headrace.inference.remote.SecretText;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;

/** The options of a model on a server, in place of a file. */
final class RemoteModelOptions {

    static final ConfigOption<String> URL =
            key("remote.url")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("Base URL of a model server, instead of 'path'.");
    static final ConfigOption<String> API =
            key("remote.api")
                    .stringType()
                    .defaultValue("openai")
                    .withDescription("What the server speaks: openai or anthropic.");
    static final ConfigOption<String> MODEL =
            key("remote.model")
                    .stringType()
                    .defaultValue("")
                    .withDescription("Name of the model there.");
    static final ConfigOption<String> API_KEY =
            key("remote.api-key")
                    .stringType()
                    .defaultValue("")
                    .withDescription("Reference to the key.");
    static final ConfigOption<Integer> CONCURRENCY =
            key("remote.concurrency")
                    .intType()
                    .defaultValue(RequestLimits.DEFAULT.concurrency())
                    .withDescription("The most requests of a subtask at a time.");
    static final ConfigOption<Integer> REQUESTS_PER_MINUTE =
            key("remote.requests-per-minute")
                    .intType()
                    .defaultValue(0)
                    .withDescription("The most requests of a subtask in any minute.");
    static final ConfigOption<Long> TOKENS_PER_MINUTE =
            key("remote.tokens-per-minute")
                    .longType()
                    .defaultValue(0L)
                    .withDescription("The most tokens of a subtask in any minute.");
    static final ConfigOption<Duration> TIMEOUT =
            key("remote.timeout")
                    .durationType()
                    .defaultValue(RequestLimits.DEFAULT.timeout())
                    .withDescription("The longest time for one answer.");
    static final ConfigOption<Boolean> LOGPROBS =
            key("remote.logprobs")
                    .booleanType()
                    .defaultValue(true)
                    .withDescription("Whether to ask for probabilities.");

    static final Set<ConfigOption<?>> ALL =
            Set.of(
                    URL,
                    API,
                    MODEL,
                    API_KEY,
                    CONCURRENCY,
                    REQUESTS_PER_MINUTE,
                    TOKENS_PER_MINUTE,
                    TIMEOUT,
                    LOGPROBS);

    private RemoteModelOptions() {}

    /**
     * The server that the options describe, which name one.
     *
     * @throws ValidationException if they are wrong, or stand beside those of a file
     */
    static RemoteModel model(ReadableConfig options) {
        for (ConfigOption<?> local :
                Set.of(
                        ModelOptions.PATH,
                        ModelOptions.MAX_SEQUENCES,
                        ModelOptions.THREADS,
                        ModelOptions.DEVICE)) {
            if (options.getOptional(local).isPresent()) {
                throw new ValidationException(
                        "'" + local.key() + "' cannot stand beside 'remote.url'; leave one out");
            }
        }
        boolean anthropic = anthropic(options.get(API));
        if (anthropic && options.get(MODEL).isBlank()) {
            throw new ValidationException(
                    "option 'remote.model' is missing; write the name of a model of the server");
        }
        boolean logprobs = options.get(LOGPROBS) && !anthropic;
        if (!logprobs && options.getOptional(ModelOptions.ABSTAIN_BELOW).orElse(0.0) > 0) {
            throw new ValidationException(
                    "'abstain-below' needs probabilities, which this server is not asked for or"
                            + " does not give; leave it out");
        }
        try {
            return new RemoteModel(remote(options, anthropic, logprobs));
        } catch (IllegalArgumentException e) {
            throw new ValidationException("wrong option of 'remote': " + e.getMessage(), e);
        }
    }

    private static RemoteOptions remote(
            ReadableConfig options, boolean anthropic, boolean logprobs) {
        return new RemoteOptions(
                new Endpoint(
                        anthropic ? Endpoint.Api.ANTHROPIC : Endpoint.Api.OPENAI,
                        url(options.get(URL)),
                        options.get(MODEL).strip(),
                        keyReference(options.get(API_KEY)),
                        Map.of(),
                        logprobs),
                options.getOptional(ModelOptions.CONTEXT_TOKENS)
                        .orElse(RemoteOptions.DEFAULT_CONTEXT_TOKENS),
                new RequestLimits(
                        options.get(CONCURRENCY),
                        options.get(REQUESTS_PER_MINUTE),
                        options.get(TOKENS_PER_MINUTE),
                        options.get(TIMEOUT)),
                Prices.FREE,
                Budget.NONE,
                RemoteOptions.Share.WHOLE);
    }

    private static boolean anthropic(String api) {
        if (!api.equals("openai") && !api.equals("anthropic")) {
            throw new ValidationException(
                    "'remote.api' = '" + api + "' is unknown; write 'openai' or 'anthropic'");
        }
        return api.equals("anthropic");
    }

    private static URI url(String written) {
        if (!written.matches("https?://.+")) {
            throw new ValidationException(
                    "'remote.url' must be an http or https URL; write 'remote.url' ="
                            + " 'http://localhost:8000'");
        }
        return URI.create(written);
    }

    /** A key in place would be in the catalog, and SHOW CREATE MODEL would print it. */
    private static String keyReference(String written) {
        if (!written.isEmpty() && !SecretText.isReference(written)) {
            throw new ValidationException(
                    "'remote.api-key' must not hold the key itself; write '${env:NAME}' or"
                            + " '${file:/path/to/key}', which every TaskManager can read");
        }
        return written;
    }
}
