package io.headrace.operators;

import java.io.Serializable;
import java.util.Objects;

/**
 * A second engine for the records that the first is not sure of.
 *
 * @param below answers of less confidence than this are asked again; one without a confidence
 *     always is. The confidence of a classification is the probability of its label, with several
 *     labels that of the least sure decision between yes and no
 * @param second the engine that is asked again
 * @param keepsFirst whether the first answer stands where the second engine has no budget left;
 *     else the record fails
 */
public record Cascade(double below, EngineProvider second, boolean keepsFirst)
        implements Serializable {

    public Cascade {
        Objects.requireNonNull(second, "second");
        if (!(below >= 0)) {
            throw new IllegalArgumentException("a threshold must be 0 or more, not " + below);
        }
    }

    /** The same that asks again about every record. */
    public Cascade always() {
        return new Cascade(Double.POSITIVE_INFINITY, second, keepsFirst);
    }
}
