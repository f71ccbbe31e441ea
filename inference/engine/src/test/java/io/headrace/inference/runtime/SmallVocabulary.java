package io.headrace.inference.runtime;

import java.nio.charset.StandardCharsets;

/** Sixty-four printable characters as tokens; token 0 ends the turn. */
final class SmallVocabulary implements Vocabulary {

    static final int SIZE = 64;
    private static final int FIRST = '0' - 1;

    @Override
    public int size() {
        return SIZE;
    }

    @Override
    public byte[] bytes(int token) {
        return token == 0 ? new byte[0] : new byte[] {(byte) (FIRST + token)};
    }

    @Override
    public boolean isControl(int token) {
        return token == 0;
    }

    @Override
    public int[] endOfTurn() {
        return new int[] {0};
    }

    @Override
    public int[] tokenize(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        int[] tokens = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            tokens[i] = bytes[i] - FIRST;
        }
        return tokens;
    }
}
