package io.headrace.inference.constraint;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * A JSON Schema (2020-12) as a constraint on decoding: every output is compact JSON that validates
 * against the schema. Immutable from outside and thread-safe; masks are remembered inside, so
 * compile a schema once and keep it.
 *
 * <p><b>Output.</b> No white space outside of strings. The properties of an object stand in the
 * order of the schema; those not {@code required} may be left out. Strings are valid UTF-8; quote,
 * backslash, newline, tab, return, backspace and form feed are escaped with one backslash, other
 * control characters do not occur, and nothing else is escaped. Numbers have no exponent, no
 * leading zeros, no negative zero.
 *
 * <p><b>Supported.</b> {@code type} (one or several), {@code properties}, {@code required}, {@code
 * additionalProperties} (no further properties are written in any case), {@code items}, {@code
 * minItems}, {@code maxItems}, {@code minLength}, {@code maxLength}, {@code pattern}, {@code
 * format} (date, time, date-time, uuid, email), {@code minimum}, {@code maximum}, their exclusive
 * forms, {@code multipleOf} 1, 0.1, 0.01…, {@code enum} and {@code const} of scalars, {@code
 * anyOf}, {@code oneOf} of branches that exclude each other, {@code allOf} of one schema, {@code
 * $ref} within the document. A reference may stand inside itself; it is followed as deep as {@link
 * ConstraintOptions#recursionDepth}, and deeper values are left out. Annotations are ignored, and
 * every other keyword is refused. Where no bound is stated that of {@link ConstraintOptions}
 * applies.
 *
 * <p><b>Spans.</b> A string with {@code "x-headrace-span": true} is a span of the source text that
 * begins and ends at a border of a word (see {@code WordBorders}: runs of letters, digits and
 * underscores are words, each other character stands alone) and with a visible character. The span
 * is the value of the string; quotes, backslashes and control characters of the source stand
 * escaped in the output. A token may bring one space before the span, as words have it in most
 * vocabularies; it is not written. When the source has no span of the allowed length, the value is
 * null where the schema allows null, and otherwise the empty string, whatever {@code minLength}
 * says; an optional property or the items of an array that may be empty are left out instead.
 */
public final class JsonConstraint {

    private final SchemaCompiler compiler;
    private final IndexedVocabulary vocabulary;

    /** What to write from the start, for each set of span limits that a source has no span for. */
    private final Map<Set<SpanTerm.Limits>, Root> roots = new ConcurrentHashMap<>();

    /** Roots share no terms, so each has its own masks. */
    private record Root(Term term, MaskAutomaton masks) {}

    private JsonConstraint(SchemaCompiler compiler, IndexedVocabulary vocabulary) {
        this.compiler = compiler;
        this.vocabulary = vocabulary;
        root(Set.of());
    }

    /**
     * Compiles a schema with {@link ConstraintOptions#DEFAULTS}.
     *
     * @param vocabulary an {@link IndexedVocabulary} where several schemas share one
     * @throws UnsupportedSchemaException when the schema is malformed, has no value, or goes beyond
     *     what is supported
     */
    public static JsonConstraint compile(String jsonSchema, TokenVocabulary vocabulary) {
        return compile(jsonSchema, vocabulary, ConstraintOptions.DEFAULTS);
    }

    /** Compiles a schema. */
    public static JsonConstraint compile(
            String jsonSchema, TokenVocabulary vocabulary, ConstraintOptions options) {
        return new JsonConstraint(
                SchemaCompiler.parse(jsonSchema, options), IndexedVocabulary.of(vocabulary));
    }

    /**
     * The state before the first token of an output.
     *
     * @param sourceText the text that spans are taken from; may be empty
     */
    public ConstraintState start(String sourceText) {
        Objects.requireNonNull(sourceText, "sourceText");
        Set<SpanTerm.Limits> limits = compiler.spanLimits();
        if (limits.isEmpty()) {
            return start(root(Set.of()), SpanSource.NONE);
        }
        SpanSource source = new SpanSource(sourceText);
        return start(
                root(
                        limits.stream()
                                .filter(limit -> !limit.fits(source))
                                .collect(Collectors.toUnmodifiableSet())),
                source);
    }

    private ConstraintState start(Root root, SpanSource source) {
        return new TermState(vocabulary, root.masks, source, root.term);
    }

    private Root root(Set<SpanTerm.Limits> unavailable) {
        return roots.computeIfAbsent(
                unavailable,
                limits -> new Root(compiler.compile(limits), new MaskAutomaton(vocabulary)));
    }
}
