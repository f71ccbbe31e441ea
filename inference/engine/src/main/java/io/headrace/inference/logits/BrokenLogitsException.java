package io.headrace.inference.logits;

/** What the model computed are no numbers, so that nothing can be chosen by them. */
public final class BrokenLogitsException extends RuntimeException {

    private static final long serialVersionUID = 1;

    BrokenLogitsException() {
        super(
                "the model computed logits that are no numbers; its file or its adapter's may be"
                        + " damaged");
    }
}
