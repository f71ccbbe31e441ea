package io.headrace.benchmarks.sql;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.inference.EngineStats;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.operators.LocalEngineProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;

/**
 * A SQL job on this project's model provider against the same SQL on a provider that makes one HTTP
 * request a row to a chat-completions server over the same engine. Sides alternate in one run;
 * prints records per second and, for each task, the median ratio.
 *
 * <p>Arguments: model, file of messages (JSON lines with {@code text}), rows (default 200) and
 * rounds (default 5).
 */
public final class SqlBenchmark {

    /** What this project's provider puts where the user said nothing; Flink's default is 10. */
    private static final int CONCURRENCY = 64;

    private final String model;
    private final InferenceEngine engine;
    private final ChatServer server;
    private final List<Row> rows;

    private SqlBenchmark(String model, InferenceEngine engine, ChatServer server, List<Row> rows) {
        this.model = model;
        this.engine = engine;
        this.server = server;
        this.rows = rows;
    }

    public static void main(String[] arguments) throws Exception {
        int records = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 200;
        int rounds = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 5;
        String model = arguments[0];
        try (InferenceEngine engine = Engines.shared(LocalEngineProvider.of(model).options());
                ChatServer server = ChatServer.start(engine)) {
            SqlBenchmark benchmark =
                    new SqlBenchmark(
                            model, engine, server, messages(Path.of(arguments[1]), records));
            for (SqlTask task : SqlTask.values()) {
                benchmark.compare(task, rounds);
            }
        }
        System.exit(0); // Flink and the HTTP client leave threads behind.
    }

    private static List<Row> messages(Path file, int records) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file).subList(0, records)) {
            rows.add(Row.of(json.readTree(line).get("text").textValue()));
        }
        return rows;
    }

    private void compare(SqlTask task, int rounds) throws Exception {
        List<Double> equal = new ArrayList<>();
        List<Double> standard = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            double ours = recordsPerSecond("headrace", task, 0);
            double http = recordsPerSecond("HTTP", task, CONCURRENCY);
            double httpDefault = recordsPerSecond("HTTP, 10 at a time", task, 0);
            if (round > 0) { // The first round warms up.
                equal.add(ours / http);
                standard.add(ours / httpDefault);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%s: headrace / HTTP with as many rows at a time %.2f, with Flink's default %.2f%n",
                task,
                median(equal),
                median(standard));
    }

    private static double median(List<Double> values) {
        Collections.sort(values);
        return values.get(values.size() / 2);
    }

    private double recordsPerSecond(String side, SqlTask task, int concurrency) throws Exception {
        Configuration configuration = new Configuration();
        configuration.setString("parallelism.default", "1");
        if (concurrency > 0) {
            configuration.setString(
                    "table.exec.async-ml-predict.max-concurrent-operations", "" + concurrency);
        }
        TableEnvironment session =
                TableEnvironment.create(
                        EnvironmentSettings.newInstance()
                                .inStreamingMode()
                                .withConfiguration(configuration)
                                .build());
        session.createTemporaryView(
                "messages",
                session.fromValues(
                        DataTypes.ROW(DataTypes.FIELD("body", DataTypes.STRING())), rows));
        session.executeSql(createModel(side.equals("headrace"), task));
        session.executeSql(
                "CREATE TABLE sink (" + task.output() + ") WITH ('connector' = 'blackhole')");
        EngineStats before = engine.stats();
        long millis =
                session.executeSql(
                                "INSERT INTO sink SELECT "
                                        + task.output().replaceAll(" (STRING|DOUBLE)", "")
                                        + " FROM ML_PREDICT(TABLE messages, MODEL "
                                        + SqlTask.NAME
                                        + ", DESCRIPTOR(body))")
                        .getJobClient()
                        .orElseThrow()
                        .getJobExecutionResult()
                        .get()
                        .getNetRuntime();
        EngineStats after = engine.stats();
        double perSecond = rows.size() * 1_000.0 / millis;
        System.out.printf(
                Locale.ROOT,
                "%-9s %-19s %7.1f records/s, %5.1f s, of these %5.1f s in %d steps of the model%n",
                task,
                side,
                perSecond,
                millis / 1e3,
                (after.stepNanos() - before.stepNanos()) / 1e9,
                after.steps() - before.steps());
        return perSecond;
    }

    private String createModel(boolean ours, SqlTask task) {
        String options =
                ours
                        ? "'provider' = 'headrace', 'path' = '" + model + "', " + task.options()
                        : "'provider' = 'http-chat', 'endpoint' = '"
                                + server.endpoint()
                                + "', 'benchmark-task' = '"
                                + task
                                + "'";
        return "CREATE MODEL "
                + SqlTask.NAME
                + " INPUT (body STRING) OUTPUT ("
                + task.output()
                + ") WITH ("
                + options
                + ")";
    }
}
