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
    private final boolean compact;
    private final int stringLength;

    private transient Schema schema;
    private transient String jsonSchema;

    /**
     * Creates the form.
     *
     * @param schemaText the Avro schema as JSON
     * @param verbatim whether strings must be spans of the text
     * @param compact whether the engine leaves the names of the fields out
     * @param stringLength code points of a string whose schema does not say {@code maxLength}
     * @throws IllegalArgumentException if the schema holds a type that cannot be answered
     */
    AvroAnswer(String schemaText, boolean verbatim, boolean compact, int stringLength) {
        this.schemaText = schemaText;
        this.verbatim = verbatim;
        this.compact = compact;
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
            AvroJsonSchema conversion = new AvroJsonSchema(verbatim, compact, stringLength);
            jsonSchema = conversion.convert(schema()).toString();
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
     * The JSON of an answer, with the names of the fields.
     *
     * @throws ResultConversionException if the answer is not of this form
     */
    String named(String answer) {
        return compact ? CompactLayout.named(answer, schema()) : answer;
    }

    /**
     * The Avro datum of JSON with the names of the fields.
     *
     * @throws ResultConversionException if it has none
     */
    Object toAvro(String json) {
        return JsonToAvro.convert(json, schema());
    }
}
