package io.headrace.connectors;

import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLException;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.apache.flink.avro.shaded.com.fasterxml.jackson.core.JsonProcessingException;

/**
 * Turns the client's failures into ours: those that can pass and those that will not.
 *
 * @param place the registry's addresses, for messages
 */
record RegistryErrors(String place) {

    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int CONFLICT = 409;
    private static final int UNPROCESSABLE = 422;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERRORS = 500;

    static boolean isNotFound(RestClientException failure) {
        return failure.getStatus() == NOT_FOUND;
    }

    static boolean isConflict(RestClientException failure) {
        return failure.getStatus() == CONFLICT;
    }

    RegistryException clash(String subject, List<String> reasons, RestClientException failure) {
        return new SchemaRefusedException(
                "The schema is incompatible with an earlier version of %s in the registry at %s: %s"
                        .formatted(
                                subject,
                                place,
                                reasons.isEmpty()
                                        ? failure.getMessage()
                                        : String.join("; ", reasons)),
                failure);
    }

    String unknownId(int id) {
        return "The schema registry at " + place + " has no schema with id " + id + ".";
    }

    RuntimeException of(String action, RestClientException failure) {
        int status = failure.getStatus();
        if (status >= SERVER_ERRORS || status == REQUEST_TIMEOUT || status == TOO_MANY_REQUESTS) {
            return unavailable(action, failure);
        }
        String message =
                "The schema registry at %s refused to %s: %s"
                        .formatted(place, action, reasonOf(status, failure));
        return status == UNPROCESSABLE
                ? new SchemaRefusedException(message, failure)
                : new RegistryException(message, failure);
    }

    RuntimeException of(String action, IOException failure) {
        if (failure instanceof SSLException) {
            return new RegistryException(
                    "The schema registry at %s could not %s, because TLS failed (%s); check the"
                                    .formatted(place, action, failure.getMessage())
                            + " truststore settings.",
                    failure);
        }
        if (failure instanceof JsonProcessingException) {
            return new RegistryException(
                    "What answers at %s does not speak the schema registry's API; check the URL."
                            .formatted(place),
                    failure);
        }
        if (String.valueOf(failure.getMessage()).startsWith("Invalid schema")) {
            return new UnknownSchemaException(
                    "The schema registry at %s could not %s as Avro: %s"
                            .formatted(place, action, failure.getMessage()),
                    failure);
        }
        return unavailable(action, failure);
    }

    RegistryUnavailableException unavailable(String action, Exception failure) {
        return new RegistryUnavailableException(
                "The schema registry at %s could not be reached to %s: %s"
                        .formatted(place, action, failure),
                failure);
    }

    private static String reasonOf(int status, RestClientException failure) {
        return switch (status) {
            case UNAUTHORIZED -> "the credentials are missing or wrong (HTTP 401)";
            case FORBIDDEN -> "the user may not do this (HTTP 403)";
            default -> failure.getMessage();
        };
    }
}
