package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.schemas.HeadraceSchemas;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayFilterTest {

    private static final long FAILED_AT = 5_000;

    @ParameterizedTest
    @CsvSource({
        "'', '', 0, 9999, true",
        "infer, '', 0, 9999, true",
        "'render,INFER', '', 0, 9999, true",
        "render, '', 0, 9999, false",
        "'', timeout, 0, 9999, true",
        "'', 'Rejected,Timeout', 0, 9999, true",
        "'', Rejected, 0, 9999, false",
        "infer, Rejected, 0, 9999, false",
        "'', '', 5000, 5001, true",
        "'', '', 5001, 9999, false",
        "'', '', 0, 5000, false",
        "infer, Timeout, 4999, 5001, true",
    })
    void selectsByStageClassAndTime(
            String stages, String classes, long from, long before, boolean selected) {
        ReplayFilter filter = new ReplayFilter(names(stages), names(classes), from, before, 3);
        assertThat(filter.selects(letter(0))).isEqualTo(selected);
    }

    @Test
    void aRecordThatFailedAsOftenAsItMayStays() {
        ReplayFilter filter = new ReplayFilter(Set.of(), Set.of(), 0, Long.MAX_VALUE, 3);
        assertThat(filter.isExhausted(letter(0))).isFalse();
        assertThat(filter.isExhausted(letter(1))).isFalse();
        assertThat(filter.isExhausted(letter(2))).isTrue();
        assertThatThrownBy(() -> new ReplayFilter(Set.of(), Set.of(), 0, 1, 0))
                .hasMessageContaining("at least 1");
    }

    private static Set<String> names(String list) {
        return list.isEmpty() ? Set.of() : Set.of(list.split(",", -1));
    }

    private static DeadLetter letter(int replays) {
        GenericRecord datum = new GenericData.Record(HeadraceSchemas.DEAD_LETTER);
        datum.put("stage", "INFER");
        datum.put("errorClass", "Timeout");
        datum.put("failedAt", FAILED_AT);
        datum.put("headers", List.of());
        if (replays > 0) {
            GenericRecord header =
                    new GenericData.Record(
                            HeadraceSchemas.DEAD_LETTER
                                    .getField("headers")
                                    .schema()
                                    .getElementType());
            header.put("name", DeadLetter.REPLAYS_HEADER);
            header.put(
                    "value",
                    ByteBuffer.wrap(Integer.toString(replays).getBytes(StandardCharsets.UTF_8)));
            datum.put("headers", List.of(header));
        }
        return new DeadLetter(datum);
    }
}
