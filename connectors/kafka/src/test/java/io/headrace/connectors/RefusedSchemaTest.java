package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.ParsedSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.junit.jupiter.api.Test;

class RefusedSchemaTest {

    private static final Schema SCHEMA =
            SchemaBuilder.record("Message").fields().requiredInt("urgency").endRecord();

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicLong nanos = new AtomicLong();
    private boolean refuses = true;

    private final ConfluentAvroWriter writer =
            new ConfluentAvroWriter(
                    SchemaRegistry.over(new RefusingClient(), "memory"),
                    "out-value",
                    false,
                    nanos::get);

    @Test
    void asksForARefusedSchemaOnceAMinuteAndWritesWhenTheRuleHasChanged() {
        for (int record = 0; record < 100; record++) {
            assertThatThrownBy(() -> writer.write(message()))
                    .isInstanceOf(SchemaRefusedException.class)
                    .hasMessageContaining("out-value");
        }
        assertThat(asked).hasValue(1);

        refuses = false;
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());

        assertThat(writer.write(message())).isNotEmpty();
        assertThat(writer.write(message())).isNotEmpty();
        assertThat(asked).hasValue(2);
    }

    private static GenericRecord message() {
        GenericRecord message = new GenericData.Record(SCHEMA);
        message.put("urgency", 3);
        return message;
    }

    private final class RefusingClient extends MockSchemaRegistryClient {

        RefusingClient() {
            super(List.of(new AvroSchemaProvider()));
        }

        @Override
        public int register(String subject, ParsedSchema schema)
                throws java.io.IOException, RestClientException {
            asked.incrementAndGet();
            if (refuses) {
                throw new RestClientException("no", 409, 409);
            }
            return super.register(subject, schema);
        }
    }
}
