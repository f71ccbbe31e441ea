package io.headrace.connectors;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Decodes UTF-8 and refuses what is none, instead of putting question marks in. */
final class Utf8Text {

    private Utf8Text() {}

    static String of(byte[] bytes) throws RecordFormatException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new RecordFormatException("The value is no UTF-8 text.", e);
        }
    }
}
