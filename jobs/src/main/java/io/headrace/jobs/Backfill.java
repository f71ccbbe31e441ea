package io.headrace.jobs;

import io.headrace.connectors.EndPosition;
import io.headrace.connectors.KafkaConnection;
import io.headrace.connectors.StartPosition;
import io.headrace.connectors.TopicRange;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.EngineProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a pipeline over a part of its topics' past, beside the live job and without touching its
 * consumer group or transactions, and ends when all is done.
 *
 * <p>It goes on after a crash from the newest checkpoint in its state folder, and after it was
 * stopped from the offsets of its own consumer group. These are committed only when nothing is left
 * undone before them.
 */
public final class Backfill {

    private static final Logger LOG = LoggerFactory.getLogger(Backfill.class);

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(15);
    private static final long POLL_MILLIS = 500;

    /**
     * What is asked for.
     *
     * @param id names this backfill of the pipeline: those with different ids can run side by side
     * @param from where to begin
     * @param to where to end
     * @param stateFolder where checkpoints are kept, if they are to outlive a crash
     */
    public record Request(
            String id, StartPosition from, EndPosition to, Optional<Path> stateFolder) {
        public Request {
            Objects.requireNonNull(from, "from");
            Objects.requireNonNull(to, "to");
            if (!id.matches("[A-Za-z0-9._-]{1,100}")) {
                throw new IllegalArgumentException(
                        "the id of a backfill has letters, digits, '.', '_' and '-', not: " + id);
            }
        }
    }

    /** Hears how far a backfill is. */
    public interface Listener {

        /** The job is about to start. */
        void starts(TopicRange range, Optional<Path> checkpoint, String webUrl);

        /** The job has come so far. */
        void progress(RunFigures figures);

        /** All is done and committed, as far as it was read where it was stopped early. */
        void ended(RunFigures figures, boolean stopped);
    }

    private final PipelineFile file;
    private final Pipeline pipeline;
    private final EngineProvider engines;
    private final Request request;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile JobClient running;
    private volatile boolean stopped;

    /** Creates a backfill with the pipeline's model. */
    public Backfill(PipelineFile file, Request request) {
        this(file, request, EnrichmentJob.engine(file));
    }

    /** Creates a backfill with engines that the caller provides. */
    public Backfill(PipelineFile file, Request request, EngineProvider engines) {
        this.file = file;
        this.pipeline = file.pipeline();
        this.request = request;
        this.engines = engines;
    }

    /** Runs to the end, or until {@link #stop()}; throws what made the job fail. */
    public RunFigures run(Listener listener) throws Exception {
        KafkaConnection kafka = PipelineConnections.of(file).kafka();
        TopicRange range = range(kafka);
        Optional<Path> checkpoint = request.stateFolder().flatMap(Checkpoints::newest);
        Integer parallelism = pipeline.job().parallelism();
        try (LocalFlink flink =
                LocalFlink.start(
                        parallelism == null ? 1 : parallelism, configuration(checkpoint))) {
            new EnrichmentJob(file, engines)
                    .addTo(
                            flink.environment(),
                            JobRun.backfill(
                                    pipeline,
                                    request.id(),
                                    new StartPosition.Offsets(range.start()),
                                    new EndPosition.Offsets(range.end())));
            listener.starts(range, checkpoint, flink.webUrl());
            JobClient job = flink.environment().executeAsync(pipeline.name() + " " + request.id());
            running = job;
            flink.onShutdown(this::stopForShutdown);
            Map<String, Object> counted = follow(job, listener);
            TopicRange.commit(
                    kafka,
                    JobRun.backfillGroup(pipeline, request.id()),
                    stopped ? ReadPositions.positions(counted) : range.end(),
                    PATIENCE);
            request.stateFolder().ifPresent(Checkpoints::delete);
            RunFigures figures = RunTally.figures(counted);
            listener.ended(figures, stopped);
            return figures;
        } finally {
            ended.countDown();
        }
    }

    /** Ctrl-C: the process lives as long as this goes on. */
    private void stopForShutdown() {
        try {
            stop();
            ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.error("The backfill did not end in order; its state folder has the rest", e);
        }
    }

    /**
     * Ends a run early: what has been read is finished and committed. Returns when that is done.
     * May be called by any thread.
     */
    public void stop() throws InterruptedException, ExecutionException, TimeoutException {
        JobClient job = running;
        if (job != null
                && ended.getCount() > 0
                && !job.getJobStatus().get().isGloballyTerminalState()) {
            stopped = true;
            String folder = request.stateFolder().map(it -> it.toUri().toString()).orElse(null);
            job.stopWithSavepoint(true, folder, SavepointFormatType.CANONICAL)
                    .get(DRAIN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private TopicRange range(KafkaConnection kafka) {
        return TopicRange.resolve(
                kafka,
                PipelineConnections.of(file).topics(),
                JobRun.backfillGroup(pipeline, request.id()),
                request.from(),
                request.to(),
                PATIENCE);
    }

    private Configuration configuration(Optional<Path> checkpoint) {
        Configuration configuration = new Configuration();
        // The less lies between source and model, the sooner a backfill can stop.
        configuration.set(TaskManagerOptions.BUFFER_DEBLOAT_ENABLED, true);
        request.stateFolder()
                .ifPresent(
                        folder -> {
                            configuration.set(
                                    CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                                    folder.toUri().toString());
                            configuration.set(
                                    CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                                    ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
                        });
        checkpoint.ifPresent(
                path -> {
                    configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toUri().toString());
                });
        return configuration;
    }

    private static Map<String, Object> follow(JobClient job, Listener listener)
            throws InterruptedException, ExecutionException {
        while (true) {
            try {
                JobExecutionResult result =
                        job.getJobExecutionResult().get(POLL_MILLIS, TimeUnit.MILLISECONDS);
                return result.getAllAccumulatorResults();
            } catch (TimeoutException e) {
                report(job, listener);
            }
        }
    }

    /** Figures are a courtesy: a job that has none yet, or is just ending, goes on without. */
    private static void report(JobClient job, Listener listener) throws InterruptedException {
        try {
            listener.progress(RunTally.figures(job.getAccumulators().get()));
        } catch (ExecutionException e) {
            // The next look, or the end, brings the figures.
        }
    }
}
