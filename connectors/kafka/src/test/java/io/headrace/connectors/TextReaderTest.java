package io.headrace.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextReaderTest extends RecordReaderContract {

    @Override
    RecordReader reader() {
        return new TextReader();
    }

    @Override
    byte[] example() {
        return "grüße \"all\"".getBytes(UTF_8);
    }

    @Override
    String expected() {
        return "{\"value\": \"grüße \\\"all\\\"\"}";
    }

    @Override
    List<byte[]> malformed() {
        return List.of(new byte[] {(byte) 0xc3}, new byte[] {'a', (byte) 0xff});
    }

    @Test
    void readsNoBytesAsEmptyText() throws Exception {
        assertThat(reader().read(new byte[0]).get("value")).isEqualTo("");
    }
}
