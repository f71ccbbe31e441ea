package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.remote.Prices;
import java.io.Serializable;
import java.util.Map;
import java.util.Objects;

/**
 * How a job uses its engines.
 *
 * @param cascades second engines for records that the first is not sure of, by the names of tasks
 * @param referencePrices prices at which metrics say what all tokens would have cost elsewhere
 * @param operators how many operators of the job open the engine; they share out rates and budgets
 */
public record EngineUse(Map<String, Cascade> cascades, Prices referencePrices, int operators)
        implements Serializable {

    /** One engine for all tasks. */
    public static final EngineUse PLAIN = new EngineUse(Map.of(), Prices.FREE, 1);

    public EngineUse {
        cascades = Map.copyOf(cascades);
        Objects.requireNonNull(referencePrices, "referencePrices");
    }

    /** For a job with one operator. */
    public EngineUse(Map<String, Cascade> cascades, Prices referencePrices) {
        this(cascades, referencePrices, 1);
    }

    /** The provider, with this use of its engine. */
    public EngineProvider of(EngineProvider provider) {
        return equals(PLAIN) ? provider : new Planned(provider, this);
    }

    private record Planned(EngineProvider provider, EngineUse use) implements EngineProvider {

        @Override
        public InferenceEngine open() {
            return provider.open();
        }

        @Override
        public InferenceEngine open(Opening opening) {
            return provider.open(opening);
        }

        @Override
        public String account() {
            return provider.account();
        }

        @Override
        public EngineProvider alone() {
            return provider;
        }
    }
}
