package io.headrace.jobs.pipeline;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A pipeline as its file describes it. Every part is validated when it is read; what is left out
 * has the default that stands with it here.
 *
 * @param name name of the pipeline: part of its consumer group and transactional ids
 * @param model the model that answers
 * @param models further models, by the names that tasks' cascades choose them by
 * @param referencePrice prices of a million tokens at which metrics say what all would have cost
 * @param kafka the Kafka cluster; only {@code try} and {@code eval} work without
 * @param schemaRegistry the schema registry; only {@code try} and {@code eval} work without
 * @param source where records come from
 * @param sink where enriched records and dead letters go
 * @param control where messages come from that change models and tasks while the job runs
 * @param tasks what is asked about each record
 * @param job how the job runs
 * @param failure what happens to failures
 */
public record Pipeline(
        String name,
        Model model,
        Map<String, Model> models,
        Remote.Price referencePrice,
        Kafka kafka,
        SchemaRegistry schemaRegistry,
        Source source,
        Sink sink,
        Control control,
        List<TaskSpec> tasks,
        Job job,
        Failure failure) {

    public Pipeline {
        name = name == null ? "headrace" : name;
        require(
                name.matches("[A-Za-z0-9._-]{1,100}"),
                "name",
                "letters, digits, '.', '_' and '-', at most 100 of them");
        require(model != null, "model", "a section with the path of a GGUF file, or a remote one");
        models = models == null ? Map.of() : Map.copyOf(models);
        require(tasks != null && !tasks.isEmpty(), "tasks", "a list of at least one task");
        tasks = List.copyOf(tasks);
        requireOneSchema(source, sink);
        if (control != null) {
            require(
                    source == null || !source.reads(control.topic()),
                    "control.topic",
                    "a topic that the source does not read");
            require(
                    tasks.stream().noneMatch(TaskSpec::isRunning),
                    "control",
                    "no control topic with a running summary, which goes on with the model that it"
                            + " began with");
        }
        job = job == null ? new Job(null, null, null, null, null, null, null) : job;
        require(
                job.order() == Order.PER_KEY || tasks.stream().noneMatch(TaskSpec::isRunning),
                "job.order",
                "'per-key' with a running summary, since each depends on the one before");
        if (source != null && source.upsert()) {
            require(
                    job.order() == Order.PER_KEY,
                    "job.order",
                    "'per-key' with 'source.upsert', since a deletion must not overtake its row");
            require(
                    tasks.stream().noneMatch(TaskSpec::isRunning),
                    "source.upsert",
                    "'false' with a running summary, which sums up events and not the rows of a"
                            + " table");
        }
        failure = failure == null ? new Failure(null, null, null, null, null) : failure;
    }

    /** Names of the classifications whose labels are an enum in the output. */
    public Set<String> enumTasks() {
        return tasks.stream()
                .filter(task -> task.classify() != null)
                .filter(task -> task.classify().labelType() == TaskSpec.LabelType.ENUM)
                .map(TaskSpec::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** JSON without a schema suggests one for each record, which no subject could follow. */
    private static void requireOneSchema(Source source, Sink sink) {
        require(
                source == null
                        || sink == null
                        || source.format() != Source.Format.JSON
                        || source.schema() != null
                        || sink.format() == Sink.Format.JSON,
                "source.schema",
                "the Avro schema of the records, or 'format: json' in sink: JSON that has no schema"
                        + " cannot be written as Avro");
        require(
                source == null || sink == null || !source.reads(sink.topic()),
                "sink.topic",
                "a topic that the source does not read");
        require(
                source == null || sink == null || !source.reads(sink.deadLetterTopic()),
                "sink.deadLetterTopic",
                "a topic that the source does not read");
    }

    /**
     * The model.
     *
     * @param path the GGUF file; relative to the pipeline file, or else to the working folder
     * @param contextTokens the most tokens of a prompt and its output together; 2048 by default
     * @param maxSequences the most sequences in a step; by default what suits the device
     * @param threads compute threads; by default all cores that the process may use
     * @param adapters LoRA adapters as GGUF files, by the names that tasks choose them by
     * @param isolated whether the engine runs in a process of its own; false by default
     * @param engine what computes the model; auto by default
     * @param draftTokens the most tokens that a request guesses for a step; 0 by default
     * @param device where it is computed: auto, cpu, cuda, vulkan, or a GPU with its number
     * @param cacheType how keys and values stand in the KV cache; f16 by default
     * @param remote instead of the path, or beside it where that one takes over when the budget is
     *     used up: a model on a server
     */
    public record Model(
            String path,
            Integer contextTokens,
            Integer maxSequences,
            Integer threads,
            Map<String, String> adapters,
            Boolean isolated,
            Engine engine,
            Integer draftTokens,
            String device,
            Cache cacheType,
            Remote remote) {

        /** What computes the model. */
        public enum Engine {
            @JsonProperty("auto")
            AUTO,
            @JsonProperty("headrace")
            HEADRACE,
            @JsonProperty("llama.cpp")
            LLAMA_CPP
        }

        /** How keys and values stand in the KV cache. */
        public enum Cache {
            @JsonProperty("f16")
            F16,
            @JsonProperty("q8")
            Q8
        }

        public Model {
            cacheType = cacheType == null ? Cache.F16 : cacheType;
            engine = engine == null ? Engine.AUTO : engine;
            adapters = adapters == null ? Map.of() : Map.copyOf(adapters);
            isolated = isolated != null && isolated;
            path = path == null || path.isBlank() ? null : path;
            require(
                    path != null || remote != null,
                    "model.path",
                    "the path of a GGUF file, or else a section 'remote'");
            require(
                    path == null || remote == null || remote.fallsBack(),
                    "model.path",
                    "no path beside 'remote', unless its budget has 'whenSpent: local'");
            require(
                    remote == null || adapters.isEmpty(),
                    "model.adapters",
                    "no adapters: they need a local model; a server's are models by name");
            contextTokens = contextTokens == null ? 2048 : contextTokens;
            maxSequences = maxSequences == null ? 0 : maxSequences;
            device = device == null ? "auto" : device;
            threads = threads == null ? 0 : threads;
            draftTokens = draftTokens == null ? 0 : draftTokens;
            require(draftTokens >= 0 && draftTokens <= 7, "model.draftTokens", "0 to 7");
            require(contextTokens >= 64, "model.contextTokens", "at least 64");
            require(
                    maxSequences >= 0 && maxSequences <= 256,
                    "model.maxSequences",
                    "1 to 256, or 0 for what suits the device");
            require(
                    device.matches("auto|cpu|(cuda|vulkan)(:\\d{1,3})?"),
                    "model.device",
                    "auto, cpu, cuda, vulkan, or a GPU with its number: cuda:0");
            require(
                    engine != Engine.HEADRACE || device.matches("auto|cpu"),
                    "model.device",
                    "auto or cpu beside 'engine: headrace', which computes on the processor only");
            require(threads >= 0, "model.threads", "0 for all cores, or a number of threads");
        }
    }

    /**
     * Where messages come from that change models and tasks while the job runs.
     *
     * @param topic read from when the job starts without a savepoint, or from where that stands
     */
    public record Control(String topic) {
        public Control {
            requireTopic(topic, "control.topic", "the topic");
        }
    }

    /**
     * The Kafka cluster.
     *
     * @param bootstrapServers host:port, several separated by commas
     * @param properties client properties, passed through to consumer, producer and admin client
     */
    public record Kafka(String bootstrapServers, Map<String, String> properties) {

        /** What a reference stands for is known when the job starts. */
        private static final Pattern SERVERS =
                Pattern.compile(
                        "(?s).*\\$\\{.*|\\s*[^\\s,]+:\\d{1,5}\\s*(,\\s*[^\\s,]+:\\d{1,5}\\s*)*");

        public Kafka {
            require(
                    bootstrapServers != null && SERVERS.matcher(bootstrapServers).matches(),
                    "kafka.bootstrapServers",
                    "host:port of a broker, several separated by commas");
            properties = properties == null ? Map.of() : Map.copyOf(properties);
        }

        @Override
        public String toString() {
            return "Kafka[" + bootstrapServers + ", properties=" + properties.keySet() + "]";
        }
    }

    /**
     * The schema registry.
     *
     * @param url base URL of Confluent's API
     * @param properties client properties, for instance for authentication and TLS
     */
    public record SchemaRegistry(String url, Map<String, String> properties) {
        public SchemaRegistry {
            require(
                    url != null && url.matches("https?://.+"),
                    "schemaRegistry.url",
                    "an http or https URL");
            properties = properties == null ? Map.of() : Map.copyOf(properties);
        }

        @Override
        public String toString() {
            return "SchemaRegistry[" + url + ", properties=" + properties.keySet() + "]";
        }
    }

    /**
     * How the job runs.
     *
     * @param parallelism subtasks; by default Flink's
     * @param checkpointInterval 10 seconds by default
     * @param order in which records leave the operator; per key by default
     * @param maxInFlight the most records in a subtask at a time; 256 by default
     * @param maxInFlightTokens the most prompt tokens in a subtask at a time; 262,144 by default
     * @param cacheTimeToLive how long results answer equal texts of a key; a day by default
     * @param cacheTextsPerKey the most texts of a key whose results are kept; 1,000 by default
     */
    public record Job(
            Integer parallelism,
            Duration checkpointInterval,
            Order order,
            Integer maxInFlight,
            Long maxInFlightTokens,
            Duration cacheTimeToLive,
            Integer cacheTextsPerKey) {
        public Job {
            require(
                    parallelism == null || parallelism >= 1,
                    "job.parallelism",
                    "at least 1 subtask");
            checkpointInterval =
                    checkpointInterval == null ? Duration.ofSeconds(10) : checkpointInterval;
            require(
                    checkpointInterval.toMillis() >= 10,
                    "job.checkpointInterval",
                    "at least 10 ms");
            order = order == null ? Order.PER_KEY : order;
            maxInFlight = maxInFlight == null ? 256 : maxInFlight;
            require(maxInFlight >= 1, "job.maxInFlight", "at least 1 record");
            cacheTimeToLive = cacheTimeToLive == null ? Duration.ofDays(1) : cacheTimeToLive;
            require(!cacheTimeToLive.isNegative(), "job.cacheTimeToLive", "0 or more");
            maxInFlightTokens = maxInFlightTokens == null ? 262_144 : maxInFlightTokens;
            require(maxInFlightTokens >= 1, "job.maxInFlightTokens", "at least 1 token");
            cacheTextsPerKey = cacheTextsPerKey == null ? 1_000 : cacheTextsPerKey;
            require(cacheTextsPerKey >= 1, "job.cacheTextsPerKey", "at least 1 text");
        }
    }

    /** The order in which records leave. */
    public enum Order {
        @JsonProperty("unordered")
        UNORDERED,
        @JsonProperty("per-key")
        PER_KEY,
        @JsonProperty("ordered")
        ORDERED
    }

    /**
     * What happens to failures.
     *
     * @param timeout the longest time for an attempt; 5 minutes by default
     * @param maxAttempts how often a failure that can pass is tried; 3 by default
     * @param backoff wait before the second attempt; a second by default
     * @param policy what then happens to the record; dead-letter by default
     * @param byErrorClass other policies for single error classes
     */
    public record Failure(
            Duration timeout,
            Integer maxAttempts,
            Duration backoff,
            Policy policy,
            Map<String, Policy> byErrorClass) {
        public Failure {
            byErrorClass = byErrorClass == null ? Map.of() : Map.copyOf(byErrorClass);
            timeout = timeout == null ? Duration.ofMinutes(5) : timeout;
            require(!timeout.isNegative() && !timeout.isZero(), "failure.timeout", "more than 0");
            maxAttempts = maxAttempts == null ? 3 : maxAttempts;
            require(maxAttempts >= 1, "failure.maxAttempts", "at least 1");
            backoff = backoff == null ? Duration.ofSeconds(1) : backoff;
            require(!backoff.isNegative(), "failure.backoff", "0 or more");
            policy = policy == null ? Policy.DEAD_LETTER : policy;
        }
    }

    /** What happens to a record that cannot be enriched. */
    public enum Policy {
        @JsonProperty("dead-letter")
        DEAD_LETTER,
        @JsonProperty("fail-job")
        FAIL_JOB
    }

    /** Refuses what Kafka takes for no topic. */
    static void requireTopic(String topic, String key, String what) {
        require(
                topic != null && topic.matches("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}"),
                key,
                "the name of " + what + ": letters, digits, '.', '_' and '-', at most 249 of them");
    }

    /** Refuses a value, naming the key and what was expected there. */
    static void require(boolean holds, String key, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(key + ": expected " + expected);
        }
    }
}
