package io.headrace.jobs.pipeline;

import io.headrace.inference.remote.SecretText;
import java.util.ArrayList;
import java.util.List;

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

    /** The values that a text refers to, as far as they are to be had here. */
    static List<String> referred(String text) {
        List<String> values = new ArrayList<>();
        for (String reference : SecretText.references(text)) {
            try {
                values.add(resolve(reference));
            } catch (PipelineFileException e) {
                // Not needed here, and so not known here.
            }
        }
        return values;
    }
}
