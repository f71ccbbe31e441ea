package io.headrace.sql;

import io.headrace.inference.testing.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;

/** What SQL tests share: sessions on a local Flink, models, and results as rows. */
final class Sql {

    /** The model that the project ships, which understands customers' messages. */
    static final Path BUNDLED = Path.of("..", "model", "headrace-small.gguf").toAbsolutePath();

    private Sql() {}

    static TableEnvironment streaming() {
        return session(EnvironmentSettings.newInstance().inStreamingMode());
    }

    static TableEnvironment batch() {
        return session(EnvironmentSettings.newInstance().inBatchMode());
    }

    private static TableEnvironment session(EnvironmentSettings.Builder settings) {
        Configuration configuration = new Configuration();
        configuration.setString("parallelism.default", "1");
        configuration.setString("taskmanager.numberOfTaskSlots", "8");
        configuration.setString("restart-strategy.type", "none");
        return TableEnvironment.create(settings.withConfiguration(configuration).build());
    }

    /** A model whose answers mean nothing, loaded in milliseconds. */
    static Path tinyModel(Path folder) {
        return TinyModels.llama(folder.resolve("tiny.gguf"), 7);
    }

    /** A view of one column {@code body}. */
    static void messages(TableEnvironment session, String... bodies) {
        List<String> rows = new ArrayList<>();
        for (String body : bodies) {
            rows.add(
                    body == null
                            ? "(CAST(NULL AS STRING))"
                            : "('" + body.replace("'", "''") + "')");
        }
        session.executeSql(
                "CREATE TEMPORARY VIEW messages (body) AS SELECT CAST(b AS STRING) FROM (VALUES "
                        + String.join(", ", rows)
                        + ") AS v (b)");
    }

    static List<Row> rows(TableEnvironment session, String query) {
        List<Row> all = new ArrayList<>();
        session.executeSql(query).collect().forEachRemaining(all::add);
        return all;
    }
}
