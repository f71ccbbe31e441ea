package io.headrace.inference.chat;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.el.ext.NamedParameter;
import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.objects.Namespace;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What chat templates use of Jinja that Jinjava does otherwise or lacks.
 *
 * <p>Templates are written for Jinja with {@code trim_blocks} and {@code lstrip_blocks}, and rely
 * on every blank, so white space is settled here before Jinjava sees the text.
 */
final class JinjaDialect {

    /**
     * Some templates write today's date. The prompt must not change from day to day, or a backfill
     * would not give what the live job gave, so it is the date that Llama 3's template falls back
     * to.
     */
    private static final String FIXED_DATE = "26 Jul 2024";

    private static final Pattern GENERATION = Pattern.compile("\\{%-?\\s*(end)?generation\\s*-?%}");

    private static final Pattern NAMESPACE = Pattern.compile("namespace\\(([^()]*)\\)");
    private static final Pattern REVERSED = Pattern.compile("([\\w.]+)\\[::-1]");

    /** A text in quotes, which is left as it is, or a call of a method of Python's texts. */
    private static final Pattern METHOD =
            Pattern.compile(
                    "'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+'|\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\""
                            + "|\\.(startswith|endswith|rstrip|lstrip|format)\\(",
                    Pattern.DOTALL);

    /** Java's own format would be called with the wrong arguments, so that is refused. */
    private static final Map<String, String> METHODS =
            Map.of(
                    "startswith", "startsWith",
                    "endswith", "endsWith",
                    "rstrip", "stripTrailing",
                    "lstrip", "stripLeading",
                    "format", "formatOfPython");

    private static final Pattern NAMED_ARGUMENT = Pattern.compile("(\\w+)\\s*=\\s*([^,]+)");

    private JinjaDialect() {}

    /** Returns a template that gives with Jinjava what the source gives with Jinja. */
    static String adapt(String source) {
        String text = source.endsWith("\n") ? source.substring(0, source.length() - 1) : source;
        // Marks of the makers' training code around what the model is trained on; no output.
        return new WhiteSpace(GENERATION.matcher(text).replaceAll("{#- -#}")).settle();
    }

    static void register(Jinjava jinjava) {
        jinjava.registerFunction(
                new ELFunctionDefinition(
                        "", "raise_exception", JinjaDialect.class, "raiseException", String.class));
        jinjava.registerFunction(
                new ELFunctionDefinition(
                        "", "strftime_now", JinjaDialect.class, "currentDate", String.class));
        jinjava.registerFunction(
                new ELFunctionDefinition(
                        "", "namespace", JinjaDialect.class, "namespace", Object[].class));
    }

    /** Called by templates that refuse a conversation. */
    public static String raiseException(String message) {
        throw new InterpretException(message);
    }

    /** Called by templates that write the date. */
    public static String currentDate(String format) {
        return FIXED_DATE;
    }

    /** Called by templates to make a holder of variables. */
    public static Namespace namespace(Object... values) {
        Namespace namespace = new Namespace();
        for (Object value : values) {
            if (value instanceof NamedParameter named) {
                namespace.put(named.getName(), named.getValue());
            }
        }
        return namespace;
    }

    /** One pass over a template that removes the blanks that Jinja would not write. */
    private static final class WhiteSpace {
        private final String source;
        private final StringBuilder result = new StringBuilder();
        private int at;
        private boolean stripNext;
        private boolean dropLineBreak;

        WhiteSpace(String source) {
            this.source = source;
        }

        String settle() {
            while (at < source.length()) {
                int tag = nextTag();
                String text = source.substring(at, tag);
                if (tag == source.length()) {
                    result.append(left(text));
                    break;
                }
                boolean strips = tag + 2 < source.length() && source.charAt(tag + 2) == '-';
                boolean keeps = tag + 2 < source.length() && source.charAt(tag + 2) == '+';
                boolean isBlock = source.charAt(tag + 1) != '{';
                text = left(text);
                if (strips) {
                    text = text.stripTrailing();
                } else if (isBlock && !keeps) {
                    text = withoutIndentation(text, text.length() == tag - at && at == 0);
                }
                if (text.endsWith("{")) {
                    // Next to the tag's own brace it would open another one.
                    text = text.substring(0, text.length() - 1) + "{{ '{' }}";
                }
                result.append(text);
                copyTag(tag, isBlock, strips || keeps);
            }
            return result.toString();
        }

        private int nextTag() {
            for (int i = at; i + 1 < source.length(); i++) {
                char next = source.charAt(i + 1);
                if (source.charAt(i) == '{' && (next == '{' || next == '%' || next == '#')) {
                    return i;
                }
            }
            return source.length();
        }

        private String left(String text) {
            if (stripNext) {
                return text.stripLeading();
            }
            return dropLineBreak && text.startsWith("\n") ? text.substring(1) : text;
        }

        /** Removes blanks between a line's beginning and a block. */
        private String withoutIndentation(String text, boolean atBeginning) {
            int end = text.length();
            while (end > 0 && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == '\t')) {
                end--;
            }
            boolean lineBegins =
                    end > 0
                            ? text.charAt(end - 1) == '\n'
                            : atBeginning || result.isEmpty() || dropLineBreak || stripNext;
            return lineBegins ? text.substring(0, end) : text;
        }

        private void copyTag(int tag, boolean isBlock, boolean marked) {
            char kind = source.charAt(tag + 1);
            String close = kind == '{' ? "}}" : kind == '%' ? "%}" : "#}";
            int end = endOfTag(tag + 2, close, kind == '#');
            int from = tag + (marked ? 3 : 2);
            boolean stripsRight = end > from && source.charAt(end - 1) == '-';
            String body = source.substring(from, Math.max(from, stripsRight ? end - 1 : end));
            if (kind != '#') {
                result.append('{').append(kind).append(' ').append(javaDialect(body));
                result.append(' ').append(close);
            }
            at = Math.min(source.length(), end + 2);
            stripNext = stripsRight;
            dropLineBreak = isBlock;
        }

        private int endOfTag(int from, String close, boolean isComment) {
            char quote = 0;
            for (int i = from; i < source.length(); i++) {
                char letter = source.charAt(i);
                if (quote != 0) {
                    if (letter == '\\') {
                        i++;
                    } else if (letter == quote) {
                        quote = 0;
                    }
                } else if (source.startsWith(close, i)) {
                    return i;
                } else if (!isComment && (letter == '\'' || letter == '"')) {
                    quote = letter;
                }
            }
            return source.length();
        }

        private static String javaDialect(String body) {
            String methods =
                    METHOD.matcher(body)
                            .replaceAll(
                                    found ->
                                            Matcher.quoteReplacement(
                                                    found.group(1) == null
                                                            ? found.group()
                                                            : "."
                                                                    + METHODS.get(found.group(1))
                                                                    + "("));
            methods = REVERSED.matcher(methods).replaceAll("($1|reverse)");
            // Jinjava reads a named argument only up to its first operator.
            return NAMESPACE
                    .matcher(methods)
                    .replaceAll(
                            call ->
                                    Matcher.quoteReplacement(
                                            "namespace("
                                                    + NAMED_ARGUMENT
                                                            .matcher(call.group(1))
                                                            .replaceAll("$1=($2)")
                                                    + ")"));
        }
    }
}
