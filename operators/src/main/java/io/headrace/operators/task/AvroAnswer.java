package io.headrace.operators.task;

import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import java.io.Serializable;
import org.apache.avro.Schema;

/**
 * The form of an answer: an Avro type, whose JSON the engine is constrained to. Immutable; what is
 * made of the schema is kept, and made again after deserialization.
 */
final class AvroAnswer implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String schemaText;
    private final boolean verbatim;
    private final int stringLength;

    private transient Schema schema;
    private transient String jsonSchema;

    /**
     * Creates the form.
     *
     * @param schemaText the Avro schema as JSON
     * @param verbatim whether strings must be spans of the text
     * @param stringLength code points of a string whose schema does not say {@code maxLength}
     * @throws IllegalArgumentException if the schema holds a type that cannot be answered
     */
    AvroAnswer(String schemaText, boolean verbatim, int stringLength) {
        this.schemaText = schemaText;
        this.verbatim = verbatim;
        this.stringLength = stringLength;
        jsonSchema();
    }

    String schemaText() {
        return schemaText;
    }

    Schema schema() {
        if (schema == null) {
            schema = new Schema.Parser().parse(schemaText);
        }
        return schema;
    }

    private String jsonSchema() {
        if (jsonSchema == null) {
            jsonSchema = new AvroJsonSchema(verbatim, stringLength).convert(schema()).toString();
        }
        return jsonSchema;
    }

    Question question(String text, int maxTokens) {
        return new Question(
                text,
                "",
                new Output.Json(jsonSchema(), maxTokens, Sampling.GREEDY, verbatim ? text : ""));
    }

    /**
     * The Avro datum of an answer.
     *
     * @throws ResultConversionException if it has none
     */
    Object toAvro(String json) {
        return JsonToAvro.convert(json, schema());
    }
}
