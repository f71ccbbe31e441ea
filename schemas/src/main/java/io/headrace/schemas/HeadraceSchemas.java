package io.headrace.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;

/** The schemas that Headrace defines itself. */
public final class HeadraceSchemas {

    /** A record that could not be enriched, with the reason. */
    public static final Schema DEAD_LETTER = read("dead-letter.avsc");

    /** What made the results of a record. */
    public static final Schema PROVENANCE = read("provenance.avsc");

    /** A class with its probability. */
    public static final Schema CLASSIFICATION = read("classification.avsc");

    /** A label of several, with its probability. */
    public static final Schema SCORED_LABEL = read("scored-label.avsc");

    /** A part of a record's text. */
    public static final Schema SPAN = read("span.avsc");

    /** The records of a key in a window of event time. */
    public static final Schema WINDOW = read("window.avsc");

    private HeadraceSchemas() {}

    private static Schema read(String resource) {
        try (InputStream in = HeadraceSchemas.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(
                        "schema resource is not on the class path: " + resource);
            }
            return new Schema.Parser().parse(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
