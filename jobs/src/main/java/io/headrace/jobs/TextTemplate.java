package io.headrace.jobs;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.interpret.TemplateError.ErrorReason;
import com.hubspot.jinjava.interpret.TemplateError.ErrorType;
import com.hubspot.jinjava.interpret.UnknownTokenException;
import com.hubspot.jinjava.tree.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;

/**
 * A Jinja template over a record's fields. Used by one thread.
 *
 * <p>Values are data: what looks like a template inside a value is never rendered.
 */
public final class TextTemplate {

    private final Jinjava jinjava;

    /** The filters and tags, which a copy for each record would make ten times slower. */
    private final Context shared;

    private final Node template;

    /** The same where it only puts values between texts, which is most often so. */
    private final Optional<PlainTemplate> plain;

    private TextTemplate(
            Jinjava jinjava, Context shared, Node template, Optional<PlainTemplate> plain) {
        this.plain = plain;
        this.jinjava = jinjava;
        this.shared = shared;
        this.template = template;
    }

    /**
     * Parses a template.
     *
     * @throws IllegalArgumentException if it is no template; the message says why
     */
    public static TextTemplate parse(String text) {
        Jinjava jinjava =
                new Jinjava(
                        JinjavaConfig.newBuilder()
                                .withNestedInterpretationEnabled(false)
                                .withFailOnUnknownTokens(true)
                                .withMaxRenderDepth(16)
                                .build());
        Context shared = jinjava.getGlobalContextCopy();
        JinjavaInterpreter interpreter = interpreter(jinjava, shared, Map.of());
        Node template = interpreter.parse(text);
        failOn(interpreter.getErrors())
                .ifPresent(
                        message -> {
                            throw new IllegalArgumentException(
                                    "source.text is no template: " + message);
                        });
        return new TextTemplate(jinjava, shared, template, PlainTemplate.of(text));
    }

    /**
     * Fills the template in with a record's fields. Null and missing values of known fields are
     * empty.
     *
     * @throws IllegalArgumentException if it names a field that there is not
     */
    public String render(GenericRecord record) {
        return plain.flatMap(it -> it.render(path -> AvroFields.at(record, path)))
                .orElseGet(() -> renderAll(AvroFields.of(record)));
    }

    /** Fills the template in with named values; fails as for a record. */
    public String render(Map<String, Object> fields) {
        return renderAll(fields);
    }

    private String renderAll(Map<String, Object> fields) {
        Map<String, Object> bindings = new HashMap<>(fields);
        bindings.replaceAll((name, value) -> value == null ? "" : value);
        JinjavaInterpreter interpreter = interpreter(jinjava, shared, bindings);
        try (var current = JinjavaInterpreter.closeablePushCurrent(interpreter).get()) {
            String text = current.value().render(template);
            Optional<String> error = failOn(interpreter.getErrors());
            if (error.isPresent()) {
                throw new IllegalArgumentException(error.get());
            }
            return text;
        } catch (UnknownTokenException e) {
            throw new IllegalArgumentException(
                    "the template names '" + e.getToken() + "', which the record has not", e);
        }
    }

    private static JinjavaInterpreter interpreter(
            Jinjava jinjava, Context shared, Map<String, Object> bindings) {
        return new JinjavaInterpreter(
                jinjava, new Context(shared, bindings), jinjava.getGlobalConfig());
    }

    private static Optional<String> failOn(List<TemplateError> errors) {
        List<String> messages = new ArrayList<>();
        for (TemplateError error : errors) {
            if (error.getSeverity() == ErrorType.FATAL
                    || error.getReason() == ErrorReason.UNKNOWN) {
                messages.add(error.getMessage());
            }
        }
        return messages.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", messages));
    }
}
