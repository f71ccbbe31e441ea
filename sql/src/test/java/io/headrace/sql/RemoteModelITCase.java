package io.headrace.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.remote.testing.ModelServer;
import io.headrace.inference.remote.testing.ModelServer.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model server in place of a file, over real HTTP. */
class RemoteModelITCase {

    private static final String KEY = "sk-of-the-sql-test";

    private final ModelServer server = ModelServer.start();
    @TempDir Path folder;
    private String options;

    @BeforeEach
    void writeKey() throws Exception {
        Path key = Files.writeString(folder.resolve("key"), KEY + "\n");
        options =
                "'remote.url' = '"
                        + server.url()
                        + "', 'remote.model' = 'big', 'remote.api-key' = '${file:"
                        + key
                        + "}'";
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aModelAsksTheServerAndTriesAgainAndShowsNoKey() {
        server.setScript(
                asked ->
                        asked.number() == 1
                                ? Answer.error(500, "broken, your key is " + KEY, Map.of())
                                : asked.record().contains("too long")
                                        ? Answer.error(400, "too long, " + KEY, Map.of())
                                        : ModelServer.fitting(asked));
        TableEnvironment session = Sql.streaming();
        Sql.messages(session, "I want my money back", "this is too long");
        session.executeSql(
                "CREATE MODEL intent INPUT (body STRING) OUTPUT (label STRING, error STRING) WITH"
                        + " ('provider' = 'headrace', 'task' = 'classify', 'labels' = 'refund;"
                        + " praise', 'remote.concurrency' = '1', "
                        + options
                        + ")");
        String query =
                "SELECT label, error FROM ML_PREDICT(TABLE messages, MODEL intent,"
                        + " DESCRIPTOR(body))";
        List<Row> rows = Sql.rows(session, query);

        assertThat(rows)
                .containsExactly(
                        Row.of("refund", null), Row.of(null, "the server said 400: too long, ***"));
        assertThat(server.asked())
                .hasSize(3)
                .allMatch(asked -> asked.headers().get("authorization").equals("Bearer " + KEY));
        assertThat(Sql.rows(session, "SHOW CREATE MODEL intent").toString()).doesNotContain(KEY);
        assertThat(session.explainSql(query)).doesNotContain(KEY);
    }

    @Test
    void functionsOfTheModuleAskTheServer() {
        TableEnvironment session = Sql.batch();
        Sql.messages(session, "I want my money back");
        session.executeSql("LOAD MODULE headrace WITH (" + options + ")");
        assertThat(
                        Sql.rows(
                                session,
                                "SELECT LLM_CLASSIFY(body, ARRAY['refund', 'praise']).label,"
                                        + " LLM_SUMMARIZE(body, 20) FROM messages"))
                .containsExactly(Row.of("refund", "A short text."));
    }
}
