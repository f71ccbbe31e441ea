package io.headrace.connectors;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.ParsedSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.RestService;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;

/**
 * A schema registry, through Confluent's own client.
 *
 * <p>The client has an Avro of its own, relocated; schemas cross over as JSON text. Thread-safe;
 * what has been asked once is answered from memory. All methods throw {@link
 * RegistryUnavailableException} when the registry does not answer and {@link RegistryException}
 * when it refuses.
 */
public final class SchemaRegistry implements AutoCloseable {

    private static final int CACHED_SCHEMAS_PER_SUBJECT = 1_000;

    private final SchemaRegistryClient client;
    private final RegistryErrors errors;
    private final Map<Integer, Schema> schemasById = new ConcurrentHashMap<>();

    private SchemaRegistry(SchemaRegistryClient client, RegistryErrors errors) {
        this.client = client;
        this.errors = errors;
    }

    /** Makes the client; the registry is first asked by the methods. */
    public static SchemaRegistry connect(SchemaRegistryConfig config) {
        RestService rest = new RestService(config.urls());
        return new SchemaRegistry(
                new CachedSchemaRegistryClient(
                        rest,
                        CACHED_SCHEMAS_PER_SUBJECT,
                        RegistryClientSettings.of(config.properties())),
                new RegistryErrors(config.place()));
    }

    /** Asks through a client that is made already. */
    static SchemaRegistry over(SchemaRegistryClient client, String place) {
        return new SchemaRegistry(client, new RegistryErrors(place));
    }

    /** Returns the subject of a topic's values, by Confluent's default naming. */
    public static String subjectOf(String topic) {
        return topic + "-value";
    }

    /** Returns the schema of an id; throws {@link UnknownSchemaException} where there is none. */
    public Schema schemaById(int id) {
        Schema known = schemasById.get(id);
        if (known != null) {
            return known;
        }
        Schema schema = fetch(id);
        schemasById.put(id, schema);
        return schema;
    }

    /**
     * Registers a schema under a subject unless it is there already, and returns its id. Throws
     * {@link SchemaRefusedException} when the schema is at fault; where that is for the subject's
     * compatibility rule, it names the fields.
     */
    public int register(String subject, Schema schema) {
        return call(
                "register a schema under " + subject,
                () -> {
                    try {
                        return client.register(subject, new AvroSchema(schema.toString()));
                    } catch (RestClientException e) {
                        if (RegistryErrors.isConflict(e)) {
                            throw errors.clash(subject, incompatibilities(subject, schema), e);
                        }
                        throw e;
                    }
                });
    }

    /** Returns the newest schema of a subject, or nothing where it has none. */
    public Optional<Schema> latest(String subject) {
        return call(
                "look up the newest schema of " + subject,
                () -> {
                    try {
                        return Optional.of(newest(subject));
                    } catch (RestClientException e) {
                        return orNothing(e);
                    }
                });
    }

    /** Says what the subject's compatibility rule has against a schema; empty when nothing. */
    public List<String> incompatibilities(String subject, Schema schema) {
        return call(
                "check a schema against " + subject,
                () -> {
                    try {
                        return refusals(subject, new AvroSchema(schema.toString()));
                    } catch (RestClientException e) {
                        return SchemaRegistry.<List<String>>orNothing(e).orElse(List.of());
                    }
                });
    }

    private List<String> refusals(String subject, AvroSchema candidate)
            throws IOException, RestClientException {
        if (client.testCompatibility(subject, candidate)) {
            return List.of();
        }
        List<String> messages = client.testCompatibilityVerbose(subject, candidate);
        if (!messages.isEmpty()) {
            return List.copyOf(messages);
        }
        List<String> reasons = SchemaClash.between(parse(candidate), newest(subject));
        return reasons.isEmpty() ? List.of("the registry refuses it and gives no reason") : reasons;
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (IOException e) {
            throw errors.unavailable("close the connection", e);
        }
    }

    private Schema newest(String subject) throws IOException, RestClientException {
        return parse(client.getSchemaById(client.getLatestSchemaMetadata(subject).getId()));
    }

    private Schema fetch(int id) {
        try {
            return parse(client.getSchemaById(id));
        } catch (RestClientException e) {
            throw RegistryErrors.isNotFound(e)
                    ? new UnknownSchemaException(errors.unknownId(id), e)
                    : errors.of("look up schema id " + id, e);
        } catch (IOException e) {
            throw errors.of("look up schema id " + id, e);
        }
    }

    private static Schema parse(ParsedSchema parsed) {
        if (parsed instanceof AvroSchema avro) {
            // The raw schema has its references resolved, unlike the registered text.
            String text = avro.rawSchema().toString();
            return new Schema.Parser().setValidateDefaults(false).parse(text);
        }
        throw new RegistryException("A schema is of type " + parsed.schemaType() + ", not Avro.");
    }

    private static <T> Optional<T> orNothing(RestClientException failure)
            throws RestClientException {
        if (RegistryErrors.isNotFound(failure)) {
            return Optional.empty();
        }
        throw failure;
    }

    private <T> T call(String action, RegistryCall<T> call) {
        try {
            return call.get();
        } catch (RestClientException e) {
            throw errors.of(action, e);
        } catch (IOException e) {
            throw errors.of(action, e);
        }
    }

    /** One request to the registry. */
    private interface RegistryCall<T> {
        T get() throws IOException, RestClientException;
    }
}
