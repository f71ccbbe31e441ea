package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.remote.FallbackEngine;
import io.headrace.inference.remote.RemoteEngine;
import io.headrace.inference.remote.RemoteOptions;
import io.headrace.inference.remote.RemoteOptions.Share;
import java.util.Objects;

/**
 * Opens engines that ask a model server. Each subtask has one of its own, with an equal share of
 * rates and budget.
 *
 * @param options how the server is asked
 */
public record RemoteEngineProvider(RemoteOptions options) implements EngineProvider {

    public RemoteEngineProvider {
        Objects.requireNonNull(options, "options");
    }

    @Override
    public InferenceEngine open() {
        return open(Opening.ALONE);
    }

    @Override
    public InferenceEngine open(Opening opening) {
        return RemoteEngine.open(
                options.withShare(
                        new Share(opening.operators(), opening.subtasks(), opening.before())));
    }

    @Override
    public String account() {
        // Windows of another length count from another beginning.
        String window =
                options.budget().window().isZero() ? "" : " per " + options.budget().window();
        return options.endpoint().url() + " " + options.endpoint().model() + window;
    }

    /** The same with an engine that answers what the budget does not pay. */
    public EngineProvider withFallback(EngineProvider other) {
        return new WithFallback(this, other);
    }

    private record WithFallback(RemoteEngineProvider remote, EngineProvider other)
            implements EngineProvider {

        @Override
        public InferenceEngine open() {
            return open(Opening.ALONE);
        }

        @Override
        public InferenceEngine open(Opening opening) {
            InferenceEngine own = other.open(opening);
            try {
                return new FallbackEngine(remote.open(opening), own);
            } catch (RuntimeException | Error e) {
                own.close();
                throw e;
            }
        }

        @Override
        public String account() {
            return remote.account();
        }
    }
}
