package io.headrace.inference;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One question to the model. Compared by identity: two equal questions are two requests.
 *
 * @see InferenceEngine#submit
 */
public final class InferenceRequest {

    private final Prompt prompt;
    private final Output output;
    private final ServiceClass serviceClass;
    private final Optional<String> adapter;
    private final List<Media> media;

    private InferenceRequest(
            Prompt prompt,
            Output output,
            ServiceClass serviceClass,
            Optional<String> adapter,
            List<Media> media) {
        this.prompt = Objects.requireNonNull(prompt, "prompt");
        this.output = Objects.requireNonNull(output, "output");
        this.serviceClass = Objects.requireNonNull(serviceClass, "serviceClass");
        this.adapter = Objects.requireNonNull(adapter, "adapter");
        this.media = List.copyOf(media);
    }

    public InferenceRequest(Prompt prompt, Output output, ServiceClass serviceClass) {
        this(prompt, output, serviceClass, Optional.empty(), List.of());
    }

    /** A request of the live class. */
    public InferenceRequest(Prompt prompt, Output output) {
        this(prompt, output, ServiceClass.LIVE);
    }

    /** Returns the same question, to the model with an adapter of {@link EngineOptions}. */
    public InferenceRequest withAdapter(String name) {
        return new InferenceRequest(prompt, output, serviceClass, Optional.of(name), media);
    }

    /** Returns the same question about images or sound too. */
    public InferenceRequest withMedia(List<Media> attached) {
        return new InferenceRequest(prompt, output, serviceClass, adapter, attached);
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

    /** Returns the adapter to answer with; empty for the model as it is. */
    public Optional<String> adapter() {
        return adapter;
    }

    /** Returns images and sound. Engines that run the model themselves read text only. */
    public List<Media> media() {
        return media;
    }
}
