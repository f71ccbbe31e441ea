package io.headrace.jobs.pipeline;

import io.headrace.inference.remote.SecretText;

/** Fills in the references to secrets that a pipeline file holds. */
public final class Secrets {

    private Secrets() {}

    /**
     * Replaces the references in a text.
     *
     * @throws PipelineFileException if a variable is not set or a file cannot be read
     */
    public static String resolve(String text) {
        try {
            return SecretText.resolve(text);
        } catch (IllegalArgumentException e) {
            throw new PipelineFileException(
                    e.getMessage() + ", but the pipeline file refers to it");
        }
    }
}
