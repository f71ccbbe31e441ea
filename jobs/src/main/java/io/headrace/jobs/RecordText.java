package io.headrace.jobs;

import io.headrace.connectors.KafkaRecord;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.TextFunction;
import io.headrace.operators.UnusableRecordException;

/** The text that the model sees of a Kafka record: a template over the fields of its value. */
final class RecordText implements TextFunction<KafkaRecord> {

    private static final long serialVersionUID = 1L;

    private final RecordDecoder decoder;
    private final String templateText;
    private transient TextTemplate template;

    RecordText(RecordDecoder decoder, String templateText) {
        this.decoder = decoder;
        this.templateText = templateText;
    }

    @Override
    public String text(KafkaRecord record) throws UnusableRecordException {
        if (template == null) {
            template = TextTemplate.parse(templateText);
        }
        try {
            return template.render(AvroFields.of(decoder.decode(record)));
        } catch (IllegalArgumentException e) {
            throw new UnusableRecordException(Stage.RENDER, "Template", e.getMessage());
        }
    }
}
