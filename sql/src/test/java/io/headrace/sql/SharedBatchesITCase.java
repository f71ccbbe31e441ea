package io.headrace.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.EngineStats;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.operators.LocalEngineProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that wait in several subtasks and statements stand in the same batches of one engine. */
class SharedBatchesITCase {

    private static final int ROWS = 160;
    private static final int ENDLESS = 1_000_000;
    private static final int FULL_LOAD = 8;

    @TempDir static Path folder;

    /** Sums up how many sequences the engine runs, seen while no end is near. */
    private static final class Load {
        private final InferenceEngine engine;
        private final long completedBefore;
        private long seen;
        private long sum;

        Load(InferenceEngine engine) {
            this.engine = engine;
            this.completedBefore = engine.stats().completed();
        }

        /** Looks until so many more requests have ended. */
        void watch(int requests) throws InterruptedException {
            long end = completedBefore + requests;
            for (EngineStats stats = engine.stats(); stats.completed() < end; ) {
                // The last batch empties; before the first row there is no load yet.
                if (stats.running() > 0 && end - stats.completed() > 2L * FULL_LOAD) {
                    seen++;
                    sum += stats.running();
                }
                Thread.sleep(2);
                stats = engine.stats();
            }
        }

        double meanBatch() {
            assertThat(seen).isGreaterThan(20);
            return (double) sum / seen;
        }
    }

    /** The engine that the sessions' models share, opened before them. */
    private static InferenceEngine engine(Path model) {
        return Engines.shared(LocalEngineProvider.of(model.toString()).options().withThreads(1));
    }

    private static TableEnvironment session(int parallelism, Path model, int rows) {
        TableEnvironment session = Sql.streaming();
        session.getConfig().set("parallelism.default", Integer.toString(parallelism));
        session.executeSql(
                "CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' ="
                        + " '"
                        + rows
                        + "', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1',"
                        + " 'fields.n.end' = '"
                        + rows
                        + "')");
        session.executeSql("CREATE TABLE nowhere (s STRING) WITH ('connector' = 'blackhole')");
        session.executeSql(
                "CREATE MODEL summary INPUT (n BIGINT) OUTPUT (s STRING) WITH ('provider' ="
                        + " 'headrace', 'task' = 'summarize', 'max-tokens' = '12', 'threads' = '1', 'path' = '"
                        + model
                        + "')");
        return session;
    }

    private static String insert(String config) {
        return "INSERT INTO nowhere SELECT s FROM ML_PREDICT(INPUT => TABLE numbers, MODEL => MODEL"
                + " summary, ARGS => DESCRIPTOR(n)"
                + config
                + ")";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 |",
                "2 |",
                "1 | , CONFIG => MAP['async', 'true', 'max-concurrent-operations', '256']"
            })
    void fillTheEngineWithoutAnyOption(int parallelism, String config) throws Exception {
        Path model = Sql.tinyModel(folder);
        try (InferenceEngine engine = engine(model)) {
            Load load = new Load(engine);
            TableResult job =
                    session(parallelism, model, ROWS)
                            .executeSql(insert(config == null ? "" : config));
            load.watch(ROWS);
            job.await();

            assertThat(load.meanBatch()).isGreaterThanOrEqualTo(FULL_LOAD);
        }
    }

    @Test
    void ofSeveralStatementsShareBatchesWhenNoneAloneFillsThem() throws Exception {
        Path model = Sql.tinyModel(folder);
        String few = ", CONFIG => MAP['async', 'true', 'max-concurrent-operations', '4']";
        try (InferenceEngine engine = engine(model)) {
            List<JobClient> jobs = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                TableResult job = session(1, model, ENDLESS).executeSql(insert(few));
                jobs.add(job.getJobClient().orElseThrow());
            }
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            int most = 0;
            // Two statements of four rows would give eight at most.
            while (most <= 2 * 4 && System.nanoTime() < deadline) {
                most = Math.max(most, engine.stats().running());
                Thread.sleep(1);
            }
            for (JobClient job : jobs) {
                job.cancel().get(1, TimeUnit.MINUTES);
            }

            assertThat(most).isGreaterThan(2 * 4);
        }
    }

    @Test
    void aViewThatTwoSinksReadIsAnsweredOnce() throws Exception {
        Path model = Sql.tinyModel(folder);
        try (InferenceEngine engine = engine(model)) {
            TableEnvironment session = session(1, model, ROWS);
            session.executeSql(
                    "CREATE TEMPORARY VIEW answered AS SELECT n, s FROM ML_PREDICT(INPUT => TABLE"
                            + " numbers, MODEL => MODEL summary, ARGS => DESCRIPTOR(n))");
            session.executeSql("CREATE TABLE others (n BIGINT) WITH ('connector' = 'blackhole')");
            StatementSet both = session.createStatementSet();
            both.addInsertSql("INSERT INTO nowhere SELECT s FROM answered WHERE n > 10");
            both.addInsertSql("INSERT INTO others SELECT n FROM answered WHERE n <= 10");
            both.execute().await();

            assertThat(engine.stats().completed()).isEqualTo(ROWS);
        }
    }
}
