package io.headrace.operators;

/** Fails the job for a record that cannot be enriched, where the policy asks for that. */
public final class EnrichmentFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    EnrichmentFailedException(Failure failure) {
        super(
                "a record could not be enriched ("
                        + failure.stage()
                        + ", "
                        + failure.errorClass()
                        + "): "
                        + failure.message()
                        + ". The failure policy says that this fails the job; choose dead letters"
                        + " to go on.");
    }
}
