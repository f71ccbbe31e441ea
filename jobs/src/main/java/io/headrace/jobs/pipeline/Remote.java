package io.headrace.jobs.pipeline;

import static io.headrace.jobs.pipeline.Pipeline.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * A model on a server.
 *
 * @param url base URL; {@code /v1} is added where it has no path
 * @param api what it speaks; openai by default
 * @param model its name there; by default the only one that the server has
 * @param apiKey the key, if one is needed: a reference to a secret
 * @param headers further headers of requests
 * @param contextTokens the most tokens of a prompt and its output together; 8192 by default
 * @param concurrency the most requests of a subtask at a time; 16 by default
 * @param requestsPerMinute the most requests of the job in any minute; no limit by default
 * @param tokensPerMinute the most tokens of the job in any minute; no limit by default
 * @param timeout the longest time for an answer; a minute by default
 * @param logprobs whether to ask for probabilities; true by default
 * @param price of a million tokens; free by default
 * @param budget what may be used; no limit by default
 */
public record Remote(
        String url,
        Api api,
        String model,
        String apiKey,
        Map<String, String> headers,
        Integer contextTokens,
        Integer concurrency,
        Integer requestsPerMinute,
        Long tokensPerMinute,
        Duration timeout,
        Boolean logprobs,
        Price price,
        Budget budget) {

    public Remote {
        require(
                url != null && url.matches("(https?://|\\$\\{).+"),
                "remote.url",
                "an http or https URL, for instance http://localhost:8000");
        api = api == null ? Api.OPENAI : api;
        model = model == null ? "" : model.strip();
        require(
                api != Api.ANTHROPIC || !model.isEmpty(),
                "remote.model",
                "the name of a model of the server");
        apiKey = apiKey == null ? "" : apiKey;
        headers = headers == null ? Map.of() : Map.copyOf(headers);
        contextTokens = contextTokens == null ? 8_192 : contextTokens;
        require(contextTokens >= 64, "remote.contextTokens", "at least 64");
        concurrency = concurrency == null ? 16 : concurrency;
        require(concurrency >= 1, "remote.concurrency", "at least 1 request");
        requestsPerMinute = requestsPerMinute == null ? 0 : requestsPerMinute;
        require(requestsPerMinute >= 0, "remote.requestsPerMinute", "at least 1 request");
        tokensPerMinute = tokensPerMinute == null ? 0 : tokensPerMinute;
        require(tokensPerMinute >= 0, "remote.tokensPerMinute", "at least 1 token");
        timeout = timeout == null ? Duration.ofMinutes(1) : timeout;
        require(!timeout.isZero() && !timeout.isNegative(), "remote.timeout", "more than 0");
        logprobs = api == Api.OPENAI && (logprobs == null || logprobs);
        price = price == null ? new Price(null, null, null) : price;
        require(
                budget == null || budget.money() == null || price.output() + price.input() > 0,
                "remote.price",
                "the prices of a million tokens, since the budget is in money");
    }

    /** Whether another model answers when the budget is used up. */
    boolean fallsBack() {
        return budget != null && budget.whenSpent() == WhenSpent.LOCAL;
    }

    /** Whether spending of both would be counted in one account. */
    boolean sharesAccount(Remote other) {
        return base().equals(other.base())
                && model.equals(other.model)
                && Objects.equals(window(), other.window());
    }

    private String base() {
        return url.replaceAll("/*(/v1)?/*$", "");
    }

    private Duration window() {
        return budget == null ? null : budget.per();
    }

    @Override
    public String toString() {
        return "Remote[" + api + ", model=" + model + ", headers=" + headers.keySet() + "]";
    }

    /** A family of APIs. */
    public enum Api {
        @JsonProperty("openai")
        OPENAI,
        @JsonProperty("anthropic")
        ANTHROPIC
    }

    /**
     * Prices of a million tokens, in one currency.
     *
     * @param input of prompt tokens; 0 by default
     * @param cachedInput of prompt tokens that the server's cache held; as input by default
     * @param output of answer tokens; 0 by default
     */
    public record Price(Double input, Double cachedInput, Double output) {
        private static final String PRICE = "a price of 0 or more";

        public Price {
            input = input == null ? 0 : input;
            cachedInput = cachedInput == null ? input : cachedInput;
            output = output == null ? 0 : output;
            require(input >= 0, "price.input", PRICE);
            require(cachedInput >= 0, "price.cachedInput", PRICE);
            require(output >= 0, "price.output", PRICE);
        }
    }

    /**
     * What the job may use.
     *
     * @param tokens the most tokens, prompts and answers together
     * @param money the most money, in the currency of the prices
     * @param per the time after which it is renewed; by default it is for the whole job
     * @param whenSpent what then happens to records; dead-letter by default
     */
    public record Budget(Long tokens, Double money, Duration per, WhenSpent whenSpent) {
        public Budget {
            require(tokens != null || money != null, "budget", "tokens, money or both");
            require(tokens == null || tokens >= 0, "budget.tokens", "0 or more");
            require(money == null || money >= 0, "budget.money", "0 or more");
            require(per == null || per.toMillis() >= 1_000, "budget.per", "at least a second");
            whenSpent = whenSpent == null ? WhenSpent.DEAD_LETTER : whenSpent;
            require(
                    whenSpent != WhenSpent.HOLD || per != null,
                    "budget.per",
                    "a time after which the budget is renewed, for instance 1 d, since records are"
                            + " held back until then");
        }
    }

    /** What happens to records when the budget is used up. */
    public enum WhenSpent {
        /** They wait for the next one. */
        @JsonProperty("hold")
        HOLD,
        @JsonProperty("dead-letter")
        DEAD_LETTER,
        /** The local model answers; in a cascade the first answer stands. */
        @JsonProperty("local")
        LOCAL
    }
}
