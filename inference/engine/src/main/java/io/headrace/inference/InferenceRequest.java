package io.headrace.inference;

import java.util.Objects;

/**
 * One question to the model. Compared by identity: two equal questions are two requests.
 *
 * @see InferenceEngine#submit
 */
public final class InferenceRequest {

    private final Prompt prompt;
    private final Output output;
    private final ServiceClass serviceClass;

    public InferenceRequest(Prompt prompt, Output output, ServiceClass serviceClass) {
        this.prompt = Objects.requireNonNull(prompt, "prompt");
        this.output = Objects.requireNonNull(output, "output");
        this.serviceClass = Objects.requireNonNull(serviceClass, "serviceClass");
    }

    /** A request of the live class. */
    public InferenceRequest(Prompt prompt, Output output) {
        this(prompt, output, ServiceClass.LIVE);
    }

    public Prompt prompt() {
        return prompt;
    }

    public Output output() {
        return output;
    }

    public ServiceClass serviceClass() {
        return serviceClass;
    }
}
