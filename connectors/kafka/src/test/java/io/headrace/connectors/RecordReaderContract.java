package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

/** What every {@link RecordReader} keeps to. */
abstract class RecordReaderContract {

    abstract RecordReader reader();

    /** A value; a new array each time. */
    abstract byte[] example();

    /** What is read from the example, as text. */
    abstract String expected();

    /** Values that are no records of the format. */
    abstract List<byte[]> malformed();

    @Test
    void readsTheSameRecordFromTheSameBytesAgain() throws Exception {
        RecordReader reader = reader();

        for (int repetition = 0; repetition < 2; repetition++) {
            assertThat(reader.read(example())).hasToString(expected());
        }
    }

    @Test
    void givesRecordsThatAvroAccepts() throws Exception {
        GenericRecord record = reader().read(example());

        assertThat(record.getSchema().getType()).isEqualTo(Schema.Type.RECORD);
        assertThat(GenericData.get().validate(record.getSchema(), record)).isTrue();
    }

    @Test
    void neitherChangesNorKeepsTheBytes() throws Exception {
        byte[] value = example();

        GenericRecord record = reader().read(value);

        assertThat(value).isEqualTo(example());
        Arrays.fill(value, (byte) -1);
        assertThat(record).hasToString(expected());
    }

    @Test
    void refusesWhatIsMalformedInOneSentenceAndReadsOn() throws Exception {
        RecordReader reader = reader();
        for (byte[] value : malformed()) {
            assertThatThrownBy(() -> reader.read(value))
                    .isInstanceOf(RecordFormatException.class)
                    .hasMessageStartingWith("The ");
        }
        assertThat(reader.read(example())).hasToString(expected());
    }

    @Test
    void givesRecordsOrFormatExceptionsForAnyBytes() {
        RecordReader reader = reader();
        Random random = new Random(7);
        byte[] example = example();
        for (int index = 0; index < 2_000; index++) {
            byte[] value = example.clone();
            for (int flips = random.nextInt(5); flips >= 0; flips--) {
                value[random.nextInt(value.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(reader.read(value)).isNotNull();
            } catch (RecordFormatException e) {
                assertThat(e.getMessage()).startsWith("The ");
            }
        }
    }
}
