package io.headrace.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.Test;

/** The options of each task in SQL, with the model that the project ships. */
class TaskOptionsITCase {

    private static final String LOST = "🙂 I lost my credit card yesterday, please block it";
    private static final String THANKS = "Thank you so much, great service, I am delighted";

    private static List<Row> predict(
            String output, String options, String select, String... messages) {
        TableEnvironment session = Sql.streaming();
        Sql.messages(session, messages);
        session.executeSql(
                "CREATE MODEL m INPUT (body STRING) OUTPUT ("
                        + output
                        + ") WITH ('provider' = 'headrace', 'path' = '"
                        + Sql.BUNDLED
                        + "', "
                        + options
                        + ")");
        return Sql.rows(
                session,
                "SELECT "
                        + select
                        + " FROM ML_PREDICT(INPUT => TABLE messages, MODEL => MODEL m, ARGS =>"
                        + " DESCRIPTOR(body))");
    }

    @Test
    void findsAllLabelsThatFitTheMostProbableFirst() {
        Row row =
                predict(
                                "topics ARRAY<ROW<label STRING, probability DOUBLE>>, error STRING",
                                "'task' = 'classify', 'multi-label' = 'true', 'threshold' = '0',"
                                        + " 'labels' = 'lost_card; praise', 'label.praise' ="
                                        + " 'thanks', 'examples.praise' = 'well done; I like it'",
                                "topics, error",
                                LOST)
                        .get(0);
        Row[] topics = row.getFieldAs(0);
        assertThat(topics)
                .extracting(topic -> topic.<String>getFieldAs(0))
                .containsExactlyInAnyOrder("lost_card", "praise");
        assertThat(topics[0].<Double>getFieldAs(1)).isBetween(topics[1].<Double>getFieldAs(1), 1.0);
        assertThat(row.getField(1)).isNull();
    }

    @Test
    void fallsBackToTheParentOfAHierarchyAndKnowsNoneOfThese() {
        List<Row> rows =
                predict(
                        "label STRING, probability DOUBLE",
                        "'task' = 'classify', 'labels' = 'card/lost_card; card/stolen_card;"
                                + " praise', 'abstain-below' = '0.9', 'none-of-these' = 'true',"
                                + " 'temperature' = '3'",
                        "label, probability",
                        LOST,
                        THANKS);
        assertThat(rows).hasSize(2);
        assertThat(rows)
                .allSatisfy(
                        row -> {
                            assertThat(row.<String>getFieldAs(0))
                                    .isIn(
                                            "card",
                                            "card/lost_card",
                                            "card/stolen_card",
                                            "praise",
                                            null);
                            assertThat(row.getField(0) == null || row.<Double>getFieldAs(1) >= 0.9)
                                    .isTrue();
                        });
    }

    @Test
    void summarizesInSoManySentencesStyleAndLanguage() {
        List<Row> rows =
                predict(
                        "summary STRING",
                        "'task' = 'summarize', 'max-tokens' = '60', 'max-sentences' = '1', 'style' ="
                                + " 'short', 'language' = 'English'",
                        "summary",
                        LOST + ". It was blue. " + THANKS);
        assertThat(rows.get(0).<String>getFieldAs(0)).isNotBlank().doesNotContainPattern("\\. .");
    }

    /** What the bundled model, which was not taught the layout, fills in is no matter. */
    @Test
    void theCompactLayoutFillsTheSameColumns() {
        String text = "Please send an invoice for the order HD-12345, thank you.";
        Row row =
                predict(
                                "order_number STRING, amount DOUBLE",
                                "'task' = 'extract', 'verbatim' = 'true', 'layout' = 'compact'",
                                "order_number, amount",
                                text)
                        .get(0);
        String number = row.getFieldAs(0);
        assertThat(number == null || text.contains(number)).isTrue();
        assertThat(row.getField(1)).matches(each -> each == null || each instanceof Double);
    }

    @Test
    void saysWhereInTheTextValuesStandAsSubstringCounts() {
        String span = "ROW<`start` INT, `end` INT>";
        Row row =
                predict(
                                "order_number STRING, evidence ROW<order_number " + span + ">",
                                "'task' = 'extract', 'verbatim' = 'true', 'evidence' = 'true'",
                                "order_number, SUBSTRING(body FROM"
                                        + " evidence.order_number.`start` + 1 FOR"
                                        + " evidence.order_number.`end` -"
                                        + " evidence.order_number.`start`)",
                                "🙂🙂 Send an invoice for the order HD-12345 please")
                        .get(0);
        assertThat(row.<String>getFieldAs(0)).isNotBlank();
        assertThat(row.getField(1)).isEqualTo(row.getField(0));
    }
}
