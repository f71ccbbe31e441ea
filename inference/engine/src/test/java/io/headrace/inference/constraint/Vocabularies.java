package io.headrace.inference.constraint;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Vocabularies for tests. Each begins with a control token, so that none allows token 0. */
final class Vocabularies {

    private static final String[] PIECES = {
        "\"",
        "\",\"",
        "\":\"",
        "\":",
        "{\"",
        "\"}",
        "\"]",
        "[\"",
        "],",
        "},{\"",
        ",\"",
        "null",
        "true",
        "false",
        "nul",
        "1",
        "12",
        "-",
        "0.",
        "00",
        "2024-",
        "-02-29",
        "T",
        "Z",
        "a",
        "ab",
        "the ",
        " ",
        "  ",
        "\n",
        "\\",
        "\\n",
        "\\\"",
        "\\u",
        "é",
        "日本",
        "😀",
        "name",
        "@",
        ".com",
        "\":null,\"",
        "}",
        "]",
        ",",
        ":",
        "x",
        "}}",
        "]}",
        "\":[",
        "\":{\"",
        "e",
        "ue",
        "1,",
        "5}",
        ",,",
        ",1,2"
    };

    private Vocabularies() {}

    /** The 256 bytes. */
    static TokenVocabulary bytes() {
        return of(List.of());
    }

    /** The bytes, and pieces that cross the borders of JSON's structure. */
    static TokenVocabulary structural() {
        List<byte[]> tokens = new ArrayList<>();
        for (String piece : PIECES) {
            tokens.add(piece.getBytes(StandardCharsets.UTF_8));
        }
        return of(tokens);
    }

    /** The bytes, and random joins of pieces cut at random bytes, so that characters are split. */
    static TokenVocabulary merged(int size, long seed) {
        Random random = new Random(seed);
        Set<String> seen = new LinkedHashSet<>();
        List<byte[]> tokens = new ArrayList<>();
        while (tokens.size() < size) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            int pieces = 1 + random.nextInt(3);
            for (int i = 0; i < pieces; i++) {
                out.writeBytes(
                        PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8));
            }
            byte[] whole = out.toByteArray();
            int from = random.nextInt(Math.min(3, whole.length));
            int to = whole.length - random.nextInt(Math.min(3, whole.length - from));
            byte[] cut = java.util.Arrays.copyOfRange(whole, from, to);
            if (cut.length > 0 && seen.add(new String(cut, StandardCharsets.ISO_8859_1))) {
                tokens.add(cut);
            }
        }
        return of(tokens);
    }

    /** A control token, the bytes, and these tokens. */
    static TokenVocabulary of(List<byte[]> more) {
        List<byte[]> tokens = new ArrayList<>();
        tokens.add("{\"".getBytes(StandardCharsets.UTF_8));
        for (int value = 0; value < 256; value++) {
            tokens.add(new byte[] {(byte) value});
        }
        tokens.addAll(more);
        return without(tokens);
    }

    /** Exactly these tokens; the first one is a control token. */
    static TokenVocabulary without(List<byte[]> tokens) {
        return new TokenVocabulary() {
            @Override
            public int size() {
                return tokens.size();
            }

            @Override
            public byte[] bytes(int token) {
                return tokens.get(token);
            }

            @Override
            public boolean isControl(int token) {
                return token == 0;
            }
        };
    }

    /**
     * As many distinct tokens as a large model has: words with and without a space before them,
     * digits, white space, punctuation runs, other scripts, and parts of characters.
     */
    static TokenVocabulary large(int size, long seed) {
        Random random = new Random(seed);
        Set<String> seen = new LinkedHashSet<>();
        List<byte[]> tokens = new ArrayList<>();
        for (int length = 2; length <= 128; length++) {
            add(" ".repeat(length), seen, tokens);
        }
        for (String mark : new String[] {"=", "-", "*", "#", ",", ".", "/", "_", "\n", "\t"}) {
            for (int length = 2; length <= 32; length += 2) {
                add(mark.repeat(length), seen, tokens);
            }
        }
        for (int number = 0; number < 1000; number++) {
            add(Integer.toString(number), seen, tokens);
            add(String.format("%03d", number), seen, tokens);
        }
        for (String left : PIECES) {
            for (String right : PIECES) {
                add(left + right, seen, tokens);
            }
        }
        String[] syllables = new String[400];
        for (int i = 0; i < syllables.length; i++) {
            syllables[i] = syllable(random);
        }
        while (tokens.size() < size - 257) {
            StringBuilder word = new StringBuilder(random.nextInt(2) == 0 ? " " : "");
            int parts = 1 + random.nextInt(4);
            boolean foreign = random.nextInt(6) == 0;
            for (int i = 0; i < parts; i++) {
                if (foreign) {
                    word.appendCodePoint(0x400 + random.nextInt(0x3000));
                } else {
                    word.append(syllables[random.nextInt(syllables.length)]);
                }
            }
            if (random.nextInt(25) == 0) {
                word.append("\",.:;)]}".charAt(random.nextInt(8)));
            }
            add(word.toString(), seen, tokens);
        }
        return of(tokens);
    }

    private static void add(String text, Set<String> seen, List<byte[]> tokens) {
        if (seen.add(text)) {
            tokens.add(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String syllable(Random random) {
        String consonants = "bcdfghjklmnpqrstvwxz";
        String vowels = "aeiou";
        StringBuilder syllable = new StringBuilder();
        syllable.append(consonants.charAt(random.nextInt(consonants.length())));
        syllable.append(vowels.charAt(random.nextInt(vowels.length())));
        if (random.nextBoolean()) {
            syllable.append(consonants.charAt(random.nextInt(consonants.length())));
        }
        return syllable.toString();
    }
}
