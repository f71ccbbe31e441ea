package io.headrace.jobs;

import io.headrace.connectors.EndPosition;
import io.headrace.connectors.StartPosition;
import io.headrace.inference.ServiceClass;
import io.headrace.jobs.pipeline.Pipeline;
import java.util.Map;
import java.util.Objects;

/**
 * What one run of a pipeline has for its own: the part of the input, and the names under which it
 * is known to Kafka. Two runs that go on side by side must differ in both names.
 *
 * @param groupId the consumer group
 * @param transactionalIdPrefix begins the ids of its transactions; a slash, which no name or topic
 *     may have, sets it off from those of other runs
 * @param start where to begin without state
 * @param end where to end
 * @param serviceClass who waits for the results
 */
public record JobRun(
        String groupId,
        String transactionalIdPrefix,
        StartPosition start,
        EndPosition end,
        ServiceClass serviceClass) {

    public JobRun {
        Objects.requireNonNull(groupId, "groupId");
        Objects.requireNonNull(transactionalIdPrefix, "transactionalIdPrefix");
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(end, "end");
        Objects.requireNonNull(serviceClass, "serviceClass");
    }

    /** The run that follows the input from where the pipeline says. */
    static JobRun live(Pipeline pipeline, EndPosition end) {
        StartPosition start =
                switch (pipeline.source().start()) {
                    case EARLIEST -> new StartPosition.Earliest();
                    case LATEST -> new StartPosition.Latest();
                    case COMMITTED -> new StartPosition.Committed();
                };
        String group = pipeline.source().groupId();
        return new JobRun(
                group == null ? "headrace-" + pipeline.name() : group,
                "headrace-" + pipeline.name(),
                start,
                end,
                ServiceClass.LIVE);
    }

    /** A run over a part of the past, known as the given id beside the live one. */
    public static JobRun backfill(
            Pipeline pipeline, String id, StartPosition start, EndPosition end) {
        return new JobRun(
                backfillGroup(pipeline, id),
                "headrace-" + pipeline.name() + "/" + id,
                start,
                end,
                ServiceClass.BACKFILL);
    }

    /** The consumer group of a backfill. */
    public static String backfillGroup(Pipeline pipeline, String id) {
        return "headrace-" + pipeline.name() + "-" + id;
    }

    /**
     * Consumer settings of this run. A backfill commits no offsets with its checkpoints, since a
     * checkpoint holds records in flight that lie before them; it commits when nothing is left
     * undone.
     */
    Map<String, String> consumerProperties() {
        return serviceClass == ServiceClass.BACKFILL
                ? Map.of("commit.offsets.on.checkpoint", "false")
                : Map.of();
    }

    /** Whether models and tasks may change on the way: not where the run has an end. */
    boolean followsControl() {
        return end instanceof EndPosition.Unbounded;
    }

    /** The transactional ids of the sink of a topic begin with this. */
    String transactionalIdPrefix(String topic) {
        return transactionalIdPrefix + "/" + topic;
    }
}
