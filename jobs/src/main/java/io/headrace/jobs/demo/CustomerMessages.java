package io.headrace.jobs.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Generated customer messages that no model was trained on, with the intent of each. */
final class CustomerMessages {

    /** A message with the intent that it was generated from. */
    record Message(String customerId, String subject, String body, String intent) {

        /** The message as a record of the example's schema, sent at this time. */
        GenericRecord toAvro(Schema schema, long sentAtMillis) {
            GenericData.Record record = new GenericData.Record(schema);
            record.put("customer_id", customerId);
            record.put("subject", subject);
            record.put("body", body);
            record.put("sent_at", sentAtMillis);
            return record;
        }
    }

    private final List<Message> messages;

    private CustomerMessages(List<Message> messages) {
        this.messages = List.copyOf(messages);
    }

    /** Reads the JSON lines that the generator of the bundled model wrote. */
    static CustomerMessages read(Path jsonLines) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<Message> messages = new ArrayList<>();
        for (String line : Files.readAllLines(jsonLines)) {
            JsonNode row = json.readTree(line);
            messages.add(
                    new Message(
                            row.get("customer_id").textValue(),
                            row.get("subject").textValue(),
                            row.get("body").textValue(),
                            row.get("intent").textValue()));
        }
        return new CustomerMessages(messages);
    }

    /** The message of a number; they begin anew after the last. */
    Message get(int number) {
        return messages.get(number % messages.size());
    }
}
