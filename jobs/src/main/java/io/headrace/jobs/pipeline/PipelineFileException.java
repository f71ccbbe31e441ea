package io.headrace.jobs.pipeline;

/**
 * Thrown for a pipeline file that cannot be used: says where, what was expected, and how to go on.
 */
public final class PipelineFileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public PipelineFileException(String message) {
        super(message);
    }
}
