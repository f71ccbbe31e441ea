package io.headrace.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions of {@code LOAD MODULE headrace}, in Flink with real llama.cpp. */
class FunctionsITCase {

    private static final String LOST = "I lost my credit card yesterday, please block it";

    @TempDir static Path folder;

    private static TableEnvironment session(boolean batch) {
        TableEnvironment session = batch ? Sql.batch() : Sql.streaming();
        session.executeSql("LOAD MODULE headrace WITH ('path' = '" + Sql.BUNDLED + "')");
        Sql.messages(session, LOST, null, "Thank you so much, great service");
        return session;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void scalarFunctionsGiveTypedValuesAndNullForNull(boolean batch) {
        TableEnvironment session = session(batch);

        List<Row> rows =
                Sql.rows(
                        session,
                        "SELECT body, LLM_CLASSIFY(body, ARRAY['lost_card', 'praise']) AS c,"
                                + " LLM_CLASSIFY(body, ARRAY['lost_card', 'praise']).label AS l,"
                                + " LLM_EXTRACT(body, 'product STRING, places ARRAY<STRING>, arrival"
                                + " DATE') AS e, LLM_SUMMARIZE(body, 12) AS s, LLM_SUMMARIZE(body)"
                                + " AS t FROM messages");

        assertThat(rows).hasSize(3);
        for (Row row : rows) {
            if (row.getField("body") == null) {
                assertThat(row)
                        .isEqualTo(Row.ofKind(row.getKind(), null, null, null, null, null, null));
            } else {
                String expected = LOST.equals(row.getField("body")) ? "lost_card" : "praise";
                Row classified = row.getFieldAs("c");
                assertThat(classified.getField("label")).isEqualTo(expected);
                assertThat(classified.<Double>getFieldAs("probability")).isBetween(0.5, 1.0);
                assertThat(row.getField("l")).isEqualTo(expected);
                assertThat(row.<Row>getFieldAs("e").getFieldNames(true))
                        .containsExactly("product", "places", "arrival");
                assertThat(row.<String>getFieldAs("s")).isNotBlank();
                assertThat(row.<String>getFieldAs("t")).isNotBlank();
            }
        }
    }

    /** What asynchronous functions of Flink 2.3 do not hold. */
    @Test
    void nullsAndRowsBesideACallStay() {
        TableEnvironment session = session(false);
        session.executeSql(
                "CREATE TEMPORARY VIEW grouped AS SELECT a, b, COUNT(*) AS n FROM (VALUES ('x',"
                        + " CAST(NULL AS INT)), (CAST(NULL AS STRING), 7)) AS v (a, b) GROUP BY a,"
                        + " b");

        assertThat(Sql.rows(session, "SELECT b, LLM_SUMMARIZE(a, 3) IS NULL FROM grouped"))
                .containsExactlyInAnyOrder(Row.of(null, false), Row.of(7, true));
        assertThat(
                        Sql.rows(
                                session,
                                "SELECT b, label IS NULL FROM grouped LEFT JOIN LATERAL"
                                        + " TABLE(LLM_CLASSIFY_TABLE(a, ARRAY['u', 'v'])) ON TRUE"))
                .containsExactlyInAnyOrder(Row.of(null, false), Row.of(7, true));
    }

    @Test
    void asynchronousFunctionsAreForThoseWhoAskForThem() {
        TableEnvironment session = Sql.streaming();
        session.executeSql(
                "LOAD MODULE headrace WITH ('path' = '" + Sql.BUNDLED + "', 'async' = 'true')");
        Sql.messages(session, LOST);
        String query =
                "SELECT LLM_CLASSIFY(body, ARRAY['lost_card', 'praise']).label, kind FROM"
                        + " messages, LATERAL TABLE(LLM_EXTRACT_TABLE(body, 'kind STRING'))";

        assertThat(session.explainSql(query)).contains("AsyncCalc", "AsyncCorrelate");
        assertThat(Sql.rows(session, query))
                .singleElement()
                .extracting(row -> row.getField(0))
                .isEqualTo("lost_card");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tableFunctionsGiveColumns(boolean batch) {
        TableEnvironment session = session(batch);

        List<Row> rows =
                Sql.rows(
                        session,
                        "SELECT body, label, kind FROM messages, LATERAL"
                                + " TABLE(LLM_CLASSIFY_TABLE(body, ARRAY['lost_card', 'praise'])),"
                                + " LATERAL TABLE(LLM_EXTRACT_TABLE(body, '{\"type\":\"record\","
                                + "\"name\":\"F\",\"fields\":[{\"name\":\"kind\",\"type\":{\"type\":"
                                + "\"enum\",\"name\":\"K\",\"symbols\":[\"A\",\"B\"]}}]}'))");

        assertThat(rows)
                .extracting(row -> row.getField("label"))
                .containsExactlyInAnyOrder("lost_card", "praise");
        assertThat(rows)
                .allSatisfy(row -> assertThat(row.<String>getFieldAs("kind")).isIn("A", "B"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"people INTT", "{\"type\":\"record\"}", "a MAP<INT, INT>"})
    void saysWhatToWriteForAWrongSchema(String schema) {
        TableEnvironment session = session(false);

        assertThatThrownBy(
                        () ->
                                session.explainSql(
                                        "SELECT LLM_EXTRACT(body, '" + schema + "') FROM messages"))
                .hasStackTraceContaining("write ");
    }

    @Test
    void aFailedRowFailsTheJobUnlessNullWasAskedFor() {
        String query = "SELECT LLM_CLASSIFY(body, ARRAY['u', 'v']).label FROM messages";
        String load =
                "LOAD MODULE headrace WITH ('path' = '"
                        + Sql.tinyModel(folder)
                        + "', 'context-tokens' = '256'";
        TableEnvironment failing = Sql.batch();
        Sql.messages(failing, "much too long ".repeat(500));
        failing.executeSql(load + ")");
        assertThatThrownBy(() -> Sql.rows(failing, query))
                .hasStackTraceContaining("A row failed (Rejected)");

        TableEnvironment lenient = Sql.streaming();
        Sql.messages(lenient, "much too long ".repeat(500));
        lenient.executeSql(load + ", 'on-error' = 'null')");
        assertThat(Sql.rows(lenient, query))
                .singleElement()
                .extracting(row -> row.getField(0))
                .isNull();
    }
}
