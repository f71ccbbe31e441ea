package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.RecordOrigin;
import io.headrace.connectors.TextRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

class LengthGroupingTest {

    private static final int RECORDS = 2 * LengthGrouping.GROUP + 100;

    @Test
    void letsEveryRecordGoOnceFromShortToLongWithinAGroup() throws Exception {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1);
        List<TextRecord> records = records();
        List<TextRecord> grouped =
                environment
                        .fromData(records, TextRecord.typeInformation())
                        .transform("group", TextRecord.typeInformation(), new LengthGrouping())
                        .executeAndCollect(RECORDS + 1);

        assertThat(grouped).containsExactlyInAnyOrderElementsOf(records);
        for (int start = 0; start < RECORDS; start += LengthGrouping.GROUP) {
            List<TextRecord> group =
                    grouped.subList(start, Math.min(RECORDS, start + LengthGrouping.GROUP));
            assertThat(group)
                    .isSortedAccordingTo(Comparator.comparingInt(record -> record.text().length()))
                    .containsExactlyInAnyOrderElementsOf(
                            records.subList(start, start + group.size()));
        }
    }

    private static List<TextRecord> records() {
        Random random = new Random(3);
        List<TextRecord> records = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            KafkaRecord source =
                    new KafkaRecord(new RecordOrigin("in", 0, i, 0), null, null, List.of());
            records.add(new TextRecord(source, "k", "x".repeat(random.nextInt(200))));
        }
        return records;
    }
}
