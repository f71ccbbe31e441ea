package io.headrace.inference.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Usage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads replies as what was asked for, strictly: a label is one of the labels, JSON validates
 * against its schema, whatever the server promised. Thread-safe.
 */
final class AnswerReader {

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    /** A job has a handful of schemas. */
    private final Map<String, Schema> validators = new ConcurrentHashMap<>();

    /**
     * Reads a reply.
     *
     * @throws InvalidAnswerException if it is not what was asked for
     */
    InferenceResult read(Reply reply, Output output, AnswerForm form, Usage usage) {
        if (output instanceof Output.Labels labels) {
            return label(reply, labels, usage);
        }
        if (output instanceof Output.Json json) {
            return new InferenceResult.Generated(json(reply, json, form), false, usage);
        }
        return new InferenceResult.Generated(reply.text(), reply.truncated(), usage);
    }

    private static InferenceResult label(Reply reply, Output.Labels asked, Usage usage) {
        String text = unfenced(reply.text().strip());
        // A server that holds to no form may answer with the bare label.
        String label =
                asked.labels().contains(text) ? text : parsed(text).path(AnswerForm.LABEL).asText();
        int index = asked.labels().indexOf(label);
        if (index < 0) {
            throw new InvalidAnswerException("the answer '" + brief(label) + "' is no label");
        }
        double probability = LabelProbability.of(reply, label, asked.labels(), asked.temperature());
        if (asked.labels().size() == 2 && !Double.isNaN(probability)) {
            double other = Math.max(0, 1 - probability); // The other is all there is besides.
            return new InferenceResult.Scores(
                    index == 0 ? List.of(probability, other) : List.of(other, probability), usage);
        }
        return new InferenceResult.Chosen(index, probability, usage);
    }

    private String json(Reply reply, Output.Json asked, AnswerForm form) {
        if (reply.truncated()) {
            throw new InvalidAnswerException(
                    "the answer did not end within " + asked.maxTokens() + " tokens");
        }
        JsonNode value = parsed(unfenced(reply.text().strip()));
        if (form.wrapped()) {
            value = value.path(AnswerForm.VALUE);
        }
        List<Error> errors =
                validators
                        .computeIfAbsent(asked.schema(), schema -> REGISTRY.getSchema(schema))
                        .validate(
                                value,
                                context ->
                                        context.executionConfig(
                                                config -> config.formatAssertionsEnabled(true)));
        if (!errors.isEmpty()) {
            throw new InvalidAnswerException(
                    "the answer does not fit its schema: " + brief(errors.get(0).toString()));
        }
        if (!asked.sourceText().isEmpty() && asked.schema().contains(SpanCheck.KEYWORD)) {
            new SpanCheck(asked.sourceText()).require(schemaOf(asked), value);
        }
        return value.toString();
    }

    private static JsonNode schemaOf(Output.Json asked) {
        return parsed(asked.schema());
    }

    private static JsonNode parsed(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidAnswerException(
                    "the answer is not JSON: " + brief(e.getOriginalMessage()));
        }
    }

    /** Models that are only told to write JSON like to put it into a fence of Markdown. */
    private static String unfenced(String text) {
        if (!text.startsWith("```") || !text.endsWith("```") || text.indexOf('\n') < 0) {
            return text;
        }
        return text.substring(text.indexOf('\n'), text.length() - 3).strip();
    }

    static String brief(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
