package io.headrace.sql;

import static org.apache.flink.table.api.Expressions.$;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ModelDescriptor;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.ColumnList;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.Test;

/** The Table API in Java, as docs/sql.md shows it. */
class TableApiITCase {

    private static ModelDescriptor intent(Schema output) {
        return ModelDescriptor.forProvider("headrace")
                .inputSchema(Schema.newBuilder().column("body", DataTypes.STRING()).build())
                .outputSchema(output)
                .option("path", Sql.BUNDLED.toString())
                .option("task", "classify")
                .option("labels", "lost_card; praise")
                .build();
    }

    private static TableEnvironment session() {
        TableEnvironment session = Sql.streaming();
        Sql.messages(session, "I lost my credit card", null);
        return session;
    }

    @Test
    void aModelPredictsOnATable() {
        TableEnvironment session = session();
        session.createModel(
                "intent",
                intent(
                        Schema.newBuilder()
                                .column("label", DataTypes.STRING())
                                .column("error", DataTypes.STRING())
                                .build()));

        Table answered =
                session.fromModel("intent")
                        .predict(session.from("messages"), ColumnList.of("body"))
                        .select($("body"), $("label"), $("error"));

        List<Row> rows = new ArrayList<>();
        answered.execute().collect().forEachRemaining(rows::add);
        assertThat(rows)
                .containsExactlyInAnyOrder(
                        Row.of("I lost my credit card", "lost_card", null),
                        Row.of(null, null, "there is no text"));
    }

    @Test
    void theReasonMayBeAMetadataColumn() {
        TableEnvironment session = session();
        session.createModel(
                "intent",
                intent(
                        Schema.newBuilder()
                                .columnByMetadata("error", DataTypes.STRING(), null, true)
                                .column("label", DataTypes.STRING())
                                .build()));

        assertThat(
                        Sql.rows(
                                session,
                                "SELECT body, label, error FROM ML_PREDICT(TABLE messages, MODEL"
                                        + " intent, DESCRIPTOR(body))"))
                .containsExactlyInAnyOrder(
                        Row.of("I lost my credit card", "lost_card", null),
                        Row.of(null, null, "there is no text"));
    }
}
