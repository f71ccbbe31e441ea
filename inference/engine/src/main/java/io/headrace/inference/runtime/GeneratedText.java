package io.headrace.inference.runtime;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of an output as they come, cut at the first stop text. A character may come in several
 * tokens; one that is not whole at the end is left out.
 */
final class GeneratedText {

    private final List<byte[]> stop;
    private byte[] bytes = new byte[256];
    private int length;

    GeneratedText(List<byte[]> stop) {
        this.stop = stop;
    }

    /** Appends bytes; returns whether a stop text has ended the output. */
    boolean append(byte[] more) {
        int before = length;
        if (length + more.length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more.length));
        }
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
        int first = Integer.MAX_VALUE;
        for (byte[] text : stop) {
            int found = indexOf(text, Math.max(0, before - text.length + 1));
            first = found >= 0 ? Math.min(first, found) : first;
        }
        if (first == Integer.MAX_VALUE) {
            return false;
        }
        length = first;
        return true;
    }

    private int indexOf(byte[] text, int from) {
        for (int at = from; at + text.length <= length; at++) {
            if (Arrays.equals(bytes, at, at + text.length, text, 0, text.length)) {
                return at;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return new String(bytes, 0, wholeCharacters(), StandardCharsets.UTF_8);
    }

    /** Returns the length without a character at the end that lacks bytes. */
    private int wholeCharacters() {
        int lead = length - 1;
        while (lead >= 0 && lead > length - 4 && (bytes[lead] & 0xC0) == 0x80) {
            lead--;
        }
        if (lead < 0) {
            return length;
        }
        int first = bytes[lead] & 0xff;
        int needed = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
        return needed > length - lead ? lead : length;
    }
}
