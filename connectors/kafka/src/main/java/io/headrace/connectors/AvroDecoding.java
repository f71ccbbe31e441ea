package io.headrace.connectors;

import java.io.EOFException;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/**
 * Decodes Avro's binary form of one writer schema into records of a reader schema. Used by one
 * thread at a time.
 */
final class AvroDecoding {

    private final String schemaName;
    private final Schema readerSchema;
    private final boolean writtenOn;
    private final GenericDatumReader<Object> reader;

    /**
     * Takes the schemas.
     *
     * @param schemaName what messages call the writer's schema
     */
    AvroDecoding(String schemaName, Schema writerSchema, Schema readerSchema) {
        this.schemaName = schemaName;
        this.readerSchema = readerSchema;
        this.writtenOn =
                writerSchema.equals(readerSchema) && hasOneForm(readerSchema, new HashSet<>());
        this.reader = new GenericDatumReader<>(writerSchema, readerSchema);
    }

    /** Decodes the bytes from a start to the end of the array. */
    GenericRecord decode(byte[] bytes, int start) throws RecordFormatException {
        BoundedDecoder decoder = new BoundedDecoder(bytes, start);
        Object datum = decode(decoder);
        if (decoder.remaining() > 0) {
            throw new RecordFormatException(
                    "The value has %d bytes more than %s describes."
                            .formatted(decoder.remaining(), schemaName));
        }
        if (datum instanceof GenericRecord decoded) {
            return decoded;
        }
        throw new RecordFormatException("The value is no record: %s.".formatted(schemaName));
    }

    /**
     * Decodes bytes that were decoded before; as late as the record is asked for a field, where
     * they can be written on as they are.
     */
    GenericRecord decodeLater(byte[] bytes, int start) throws RecordFormatException {
        return writtenOn
                ? new EncodedRecord(readerSchema, this, bytes, start)
                : decode(bytes, start);
    }

    /**
     * Whether all decoders understand what ours does. The blocks of arrays and maps may name sizes
     * that are wrong, which only those see who skip them.
     */
    private static boolean hasOneForm(Schema schema, Set<String> seen) {
        return switch (schema.getType()) {
            case ARRAY, MAP -> false;
            case UNION -> schema.getTypes().stream().allMatch(type -> hasOneForm(type, seen));
            case RECORD ->
                    !seen.add(schema.getFullName())
                            || schema.getFields().stream()
                                    .allMatch(field -> hasOneForm(field.schema(), seen));
            default -> true;
        };
    }

    private Object decode(BoundedDecoder decoder) throws RecordFormatException {
        try {
            return reader.read(null, decoder);
        } catch (EOFException e) {
            throw new RecordFormatException(
                    "The value %s, read with %s.".formatted(e.getMessage(), schemaName), e);
        } catch (IOException | RuntimeException e) {
            // Avro meets corrupt bytes with many kinds, ArrayIndexOutOfBounds and ClassCast too.
            throw new RecordFormatException(
                    "The value does not fit %s: %s".formatted(schemaName, reasonOf(e)), e);
        } catch (StackOverflowError e) {
            // A recursive schema lets a few bytes ask for any depth; the stack is whole again here.
            throw new RecordFormatException(
                    "The value is nested too deeply for %s.".formatted(schemaName), e);
        }
    }

    private static String reasonOf(Exception failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
