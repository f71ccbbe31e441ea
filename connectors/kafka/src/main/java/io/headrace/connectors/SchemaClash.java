package io.headrace.connectors;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/** Explains why two schemas are incompatible, where a registry only says that. */
public final class SchemaClash {

    private static final Pattern FIELD = Pattern.compile("^/fields/(\\d+)");

    private SchemaClash() {}

    /** Names the fields, first for new readers of old records, then for old readers of new ones. */
    static List<String> between(Schema candidate, Schema latest) {
        List<String> reasons = new ArrayList<>();
        reasons.addAll(reasons("records of the newest version cannot be read", candidate, latest));
        reasons.addAll(
                reasons("its records cannot be read by the newest version", latest, candidate));
        return reasons;
    }

    /** Names the fields of a reader's schema that what was written with another does not fill. */
    public static List<String> readerAgainst(Schema reader, Schema writer) {
        return reasons("records of the topic's newest version cannot be read", reader, writer);
    }

    private static List<String> reasons(String direction, Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getResult()
                .getIncompatibilities()
                .stream()
                .map(
                        it ->
                                fieldAt(it.getLocation(), reader)
                                        + ": "
                                        + direction
                                        + ", "
                                        + it.getMessage())
                .toList();
    }

    /** Puts names in for the numbers of Avro's path: /fields/1/type becomes field body. */
    private static String fieldAt(String path, Schema root) {
        Matcher matcher = FIELD.matcher(path);
        if (root.getType() != Schema.Type.RECORD || !matcher.lookingAt()) {
            return "at " + path;
        }
        Schema.Field field = root.getFields().get(Integer.parseInt(matcher.group(1)));
        String rest = path.substring(matcher.end());
        return "field " + field.name() + (rest.isEmpty() || rest.equals("/type") ? "" : " " + rest);
    }
}
