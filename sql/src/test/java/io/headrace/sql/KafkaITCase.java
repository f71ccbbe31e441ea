package io.headrace.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.local.LocalServers;
import io.headrace.sql.script.SqlScript;
import io.headrace.sql.script.SqlScriptException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQL over Kafka tables with {@code avro-confluent}, on a real broker and a real registry. */
class KafkaITCase {

    private static final int BEFORE = 40;
    private static final int AFTER = 20;

    @TempDir static Path folder;
    private static LocalServers servers;
    private static MiniCluster flink;

    @BeforeAll
    static void startServers() throws Exception {
        servers = LocalServers.start();
        Configuration anyPort = new Configuration();
        anyPort.set(RestOptions.BIND_PORT, "0");
        flink =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(anyPort)
                                .setNumSlotsPerTaskManager(2)
                                .build());
        flink.start();
    }

    @AfterAll
    static void stopServers() throws Exception {
        flink.close();
        servers.close();
    }

    private static String run(String script) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        URI address = flink.getRestAddress().get();
        Configuration cluster = new Configuration();
        cluster.set(DeploymentOptions.TARGET, "remote");
        cluster.set(RestOptions.ADDRESS, address.getHost());
        cluster.set(RestOptions.PORT, address.getPort());
        SqlScript.run(script, cluster, new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }

    /** A streaming INSERT, the second SELECTs in batch. */
    @Test
    void theExampleGivesTheDocumentedOutput() throws Exception {
        ExampleScript.createTopics(servers);

        String printed = run(ExampleScript.with(servers));

        assertThat(ExampleScript.lines(printed)).containsSubsequence(ExampleScript.OUTPUT);
    }

    @Test
    void aScriptStopsAtTheStatementThatFailsAndSaysWhy() {
        assertThatThrownBy(() -> run("SHOW MODULES;\nLOAD MODULE headrace;\nSHOW TABLES;"))
                .isInstanceOf(SqlScriptException.class)
                .hasMessageContaining("option 'path' is missing; write 'path' =")
                .hasMessageContaining("LOAD MODULE headrace;")
                .hasMessageNotContaining("SHOW TABLES");
    }

    private static void table(TableEnvironment session, String name, String options) {
        session.executeSql(
                "CREATE TABLE %s (id BIGINT, body STRING, label STRING) WITH (".formatted(name)
                        + "'connector' = 'kafka', 'topic' = '%s',".formatted(name)
                        + " 'properties.bootstrap.servers' = '%s',"
                                .formatted(servers.kafka().bootstrapServers())
                        + " 'properties.isolation.level' = 'read_committed',"
                        + " 'properties.transaction.timeout.ms' = '60000',"
                        + " 'scan.startup.mode' = 'earliest-offset', 'format' = 'avro-confluent',"
                        + " 'avro-confluent.url' = '%s'%s)"
                                .formatted(servers.registry().url(), options));
    }

    private static TableEnvironment job(Path model) {
        TableEnvironment session = Sql.streaming();
        session.getConfig().set("execution.checkpointing.interval", "500 ms");
        table(session, "questions", "");
        table(
                session,
                "answers",
                ", 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' ="
                        + " 'answers'");
        session.executeSql(
                "CREATE MODEL kind INPUT (body STRING) OUTPUT (label STRING) WITH ('provider' ="
                        + " 'headrace', 'task' = 'classify', 'labels' = 'u; v', 'path' = '"
                        + model
                        + "')");
        return session;
    }

    private static JobClient start(TableEnvironment session) {
        return session.executeSql(
                        "INSERT INTO answers SELECT id, body, label0 FROM ML_PREDICT(TABLE"
                                + " questions, MODEL kind, DESCRIPTOR(body))")
                .getJobClient()
                .orElseThrow();
    }

    private static void ask(int from, int to) throws Exception {
        TableEnvironment session = Sql.batch();
        table(session, "questions", "");
        String rows =
                String.join(
                        ", ",
                        IntStream.range(from, to)
                                .mapToObj(
                                        i ->
                                                "(%d, 'text %d', CAST(NULL AS STRING))"
                                                        .formatted(i, i))
                                .toList());
        session.executeSql("INSERT INTO questions VALUES " + rows).await();
    }

    private static List<Row> answers() {
        TableEnvironment session = Sql.batch();
        table(session, "answers", ", 'scan.bounded.mode' = 'latest-offset'");
        return Sql.rows(session, "SELECT id, body, label FROM answers");
    }

    private static void awaitAnswers(int count) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (answers().size() < count && System.nanoTime() < deadline) {
            Thread.sleep(200);
        }
    }

    @Test
    void aSavepointHoldsTheRowsInFlightAndEachIsAnsweredOnce() throws Exception {
        Path model = Sql.tinyModel(folder);
        servers.kafka().topics().create("questions", 1);
        servers.kafka().topics().create("answers", 1);
        ask(0, BEFORE);
        JobClient first = start(job(model));
        awaitAnswers(BEFORE / 2);
        ask(BEFORE, BEFORE + AFTER);
        String savepoint =
                first.stopWithSavepoint(
                                false,
                                Files.createDirectories(folder.resolve("savepoints")).toString(),
                                SavepointFormatType.CANONICAL)
                        .get(2, TimeUnit.MINUTES);

        TableEnvironment restored = job(model);
        restored.getConfig().set("execution.state-recovery.path", savepoint);
        ask(BEFORE + AFTER, BEFORE + 2 * AFTER);
        JobClient second = start(restored);
        awaitAnswers(BEFORE + 2 * AFTER);
        second.cancel().get(1, TimeUnit.MINUTES);

        List<Row> answers = answers();
        assertThat(answers.stream().map(row -> row.<Long>getFieldAs("id")))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, BEFORE + 2 * AFTER).mapToObj(Long::valueOf).toList());
        assertThat(answers)
                .allSatisfy(row -> assertThat(row.<String>getFieldAs("label")).isIn("u", "v"));
    }
}
