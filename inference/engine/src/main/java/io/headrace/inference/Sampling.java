package io.headrace.inference;

/**
 * How the next token is chosen.
 *
 * @param temperature 0 takes the most probable token; higher flattens the distribution
 * @param topP keeps the smallest set of tokens whose probabilities sum to this, in (0, 1]
 * @param minP drops tokens below this share of the most probable one, in [0, 1)
 * @param seed equal seeds give equal choices for equal logits
 */
public record Sampling(double temperature, double topP, double minP, long seed) {

    /** Always the most probable token. */
    public static final Sampling GREEDY = new Sampling(0, 1, 0, 0);

    public Sampling {
        if (!(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature must be 0 or more: " + temperature);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("topP must be in (0, 1]: " + topP);
        }
        if (!(minP >= 0 && minP < 1)) {
            throw new IllegalArgumentException("minP must be in [0, 1): " + minP);
        }
    }
}
