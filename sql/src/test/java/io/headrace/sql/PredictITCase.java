package io.headrace.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ML_PREDICT} with models of this provider, in Flink with real llama.cpp. */
class PredictITCase {

    private static final String LOST = "I lost my credit card yesterday, please block it";
    private static final String THANKS = "Thank you so much, great service, I am delighted";

    @TempDir static Path folder;

    private static TableEnvironment session(boolean batch) {
        return batch ? Sql.batch() : Sql.streaming();
    }

    private static void model(TableEnvironment session, String output, String options) {
        model(session, "body STRING", output, Sql.BUNDLED, options);
    }

    private static void model(
            TableEnvironment session, String input, String output, Path path, String options) {
        session.executeSql(
                "CREATE MODEL m INPUT ("
                        + input
                        + ") OUTPUT ("
                        + output
                        + ") WITH ('provider' = 'headrace', 'path' = '"
                        + path
                        + "', "
                        + options
                        + ")");
    }

    private static List<Row> predict(TableEnvironment session) {
        return Sql.rows(
                session,
                "SELECT * FROM ML_PREDICT(INPUT => TABLE messages, MODEL => MODEL m, ARGS =>"
                        + " DESCRIPTOR(body))");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void classifiesIntoLabelAndProbability(boolean batch) {
        TableEnvironment session = session(batch);
        Sql.messages(session, LOST, THANKS);
        model(
                session,
                "label STRING, probability DOUBLE, runner_up STRING, margin DOUBLE",
                "'task' = 'classify', 'labels' = 'lost_card; praise; invoice_request',"
                        + " 'label.praise' = 'thanks or compliments'");

        List<Row> rows = predict(session);

        assertThat(rows).extracting(row -> row.getField("label")).contains("lost_card", "praise");
        assertThat(rows)
                .allSatisfy(
                        row -> {
                            double probability = row.getFieldAs("probability");
                            assertThat(probability).isBetween(1.0 / 3, 1.0);
                            assertThat(probability - row.<Double>getFieldAs("margin"))
                                    .isBetween(0.0, probability);
                            assertThat(row.getField("runner_up"))
                                    .isNotNull()
                                    .isNotEqualTo(row.getField("label"));
                        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void extractsTheColumnsThatOutputDeclares(boolean batch) {
        TableEnvironment session = session(batch);
        Sql.messages(session, "Send an invoice for order 4711 of 2024-03-05, it was 12.50 EUR");
        model(
                session,
                "order_number STRING COMMENT 'number of the order', amount DECIMAL(8, 2), `date`"
                        + " DATE, items ARRAY<STRING>, urgent BOOLEAN, address ROW<city STRING, zip"
                        + " INT>, at_time TIMESTAMP_LTZ(3), pieces BIGINT, clock TIME(0)",
                "'task' = 'extract', 'max-tokens' = '200'");

        Row row = predict(session).get(0);

        assertThat(row.getArity()).isEqualTo(10);
        assertThat(row.getField("order_number")).isInstanceOfAny(String.class).isNotNull();
        assertThat(row.<Object>getFieldAs("amount"))
                .satisfiesAnyOf(
                        value -> assertThat(value).isNull(),
                        value -> assertThat((BigDecimal) value).hasScaleOf(2));
        assertThat(row.<Object>getFieldAs("date"))
                .satisfiesAnyOf(
                        value -> assertThat(value).isNull(),
                        value -> assertThat(value).isInstanceOf(LocalDate.class));
    }

    @Test
    void extractsTheFieldsOfAnAvroSchema() {
        TableEnvironment session = Sql.streaming();
        Sql.messages(session, "Send an invoice for the order AB-1234-X please");
        model(
                session,
                "kind STRING, order_number STRING",
                """
                'task' = 'extract', 'verbatim' = 'true', 'schema' = '{"type":"record",
                 "name":"Facts","fields":[
                  {"name":"order_number","type":"string"},
                  {"name":"kind","type":{"type":"enum","name":"Kind","symbols":["ORDER","OTHER"]}}
                 ]}'""");

        Row row = predict(session).get(0);

        assertThat(row.<String>getFieldAs("kind")).isIn("ORDER", "OTHER");
        assertThat(row.<String>getFieldAs("body")).contains(row.<String>getFieldAs("order_number"));
    }

    @Test
    void summarizesSeveralInputColumnsIntoOneText() {
        TableEnvironment session = Sql.batch();
        session.executeSql(
                "CREATE TEMPORARY VIEW mails AS SELECT * FROM (VALUES ('A question', '"
                        + LOST
                        + "', 7, DATE '2024-01-02')) AS v (subject, body, priority, received)");
        model(
                session,
                "subject STRING, body STRING, priority INT, received DATE",
                "summary STRING",
                Sql.BUNDLED,
                "'task' = 'summarize', 'max-tokens' = '30'");

        List<Row> rows =
                Sql.rows(
                        session,
                        "SELECT summary FROM ML_PREDICT(INPUT => TABLE mails, MODEL => MODEL m,"
                                + " ARGS => DESCRIPTOR(subject, body, priority, received))");

        assertThat(rows).singleElement().extracting(row -> row.getField(0)).isNotEqualTo("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"answer STRING", "answer STRING, sure BOOLEAN"})
    void answersAnInstructionInTheDeclaredColumns(String output) {
        TableEnvironment session = Sql.streaming();
        Sql.messages(session, LOST);
        model(
                session,
                output,
                "'task' = 'custom', 'instruction' = 'What should be done?', 'max-tokens' = '20'");

        assertThat(predict(session))
                .singleElement()
                .satisfies(
                        row ->
                                assertThat(row.getFieldNames(true))
                                        .contains("body", "answer")
                                        .hasSize(output.contains("sure") ? 3 : 2));
    }

    @Test
    void abstainsWithNullBelowTheProbability() {
        TableEnvironment session = Sql.streaming();
        Sql.messages(session, "well");
        model(
                session,
                "probability DOUBLE, label STRING",
                "'task' = 'classify', 'labels' = 'a; b', 'abstain-below' = '1'");

        Row row = predict(session).get(0);

        assertThat(row.getField("label")).isNull();
        assertThat(row.<Double>getFieldAs("probability")).isBetween(0.5, 1.0);
    }

    private static final String TOO_LONG = "much too long ".repeat(500);

    private void failing(TableEnvironment session, String output, String options) {
        Sql.messages(session, LOST, TOO_LONG, null, THANKS);
        model(
                session,
                "body STRING",
                output,
                Sql.tinyModel(folder),
                "'task' = 'classify', 'labels' = 'lost_card; praise', 'context-tokens' = '256'"
                        + options);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void putsTheReasonOfAFailedRowIntoItsErrorColumns(boolean batch) {
        TableEnvironment session = session(batch);
        failing(session, "error STRING, label STRING, error_class STRING", "");

        List<Row> rows = predict(session);

        assertThat(rows).hasSize(4);
        assertThat(rows)
                .allSatisfy(
                        row -> {
                            Object body = row.getField("body");
                            boolean good = LOST.equals(body) || THANKS.equals(body);
                            assertThat(row.getField("label") != null).isEqualTo(good);
                            assertThat(row.getField("error") == null).isEqualTo(good);
                            assertThat(row.getField("error_class"))
                                    .isEqualTo(
                                            good ? null : body == null ? "EmptyText" : "Rejected");
                        });
    }

    @Test
    void givesNullForAFailedRowWhenToldSo() {
        TableEnvironment session = Sql.streaming();
        failing(session, "label STRING", ", 'on-error' = 'null'");

        assertThat(predict(session)).filteredOn(row -> row.getField("label") == null).hasSize(2);
    }

    @Test
    void failsTheJobForAFailedRowWithoutErrorColumnsAndSaysHowToGoOn() {
        TableEnvironment session = Sql.streaming();
        failing(session, "label STRING", "");

        assertThatThrownBy(() -> predict(session))
                .hasStackTraceContaining("A row failed (Rejected)")
                .hasStackTraceContaining("declare a column error STRING");
    }

    @Test
    void failsTheJobForAFailedRowWhenToldSoDespiteErrorColumns() {
        TableEnvironment session = Sql.streaming();
        failing(session, "label STRING, error STRING", ", 'on-error' = 'fail'");

        assertThatThrownBy(() -> predict(session)).hasStackTraceContaining("A row failed");
    }

    @Test
    void aRowThatIsTooSlowFailsAloneBeforeFlinkFailsTheJob() {
        TableEnvironment session = Sql.streaming();
        Sql.messages(session, LOST);
        model(
                session,
                "summary STRING, error_class STRING",
                "'task' = 'summarize', 'max-tokens' = '1000', 'timeout' = '1 ms'");

        assertThat(predict(session))
                .singleElement()
                .extracting(row -> row.getField("error_class"))
                .isEqualTo("Timeout");
    }

    @Test
    void saysThatTheModelFileIsMissing() {
        TableEnvironment session = Sql.streaming();
        Sql.messages(session, LOST);
        model(
                session,
                "body STRING",
                "summary STRING",
                folder.resolve("nowhere.gguf"),
                "'task' = 'summarize'");

        assertThatThrownBy(() -> predict(session)).hasStackTraceContaining("nowhere.gguf");
    }
}
