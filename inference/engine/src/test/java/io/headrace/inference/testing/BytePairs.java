package io.headrace.inference.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A small byte-level BPE vocabulary in GPT-2's spelling, learnt from a few lines of text. */
final class BytePairs {

    private static final String TEXT =
            """
            my card has not arrived yet and i was charged twice for the same order please help
            i want to cancel the booking for two people on friday evening at seven and get a refund
            the app shows an error when i try to change my address or reset my password again
            where is my parcel it should have been delivered last week thank you very much
            """;

    /** How a space is spelled. */
    static final char SPACE = '\u0120';

    private final List<String> tokens = new ArrayList<>();
    private final List<String> merges = new ArrayList<>();

    /** Makes the 256 bytes and as many merges; beyond what the text gives they are made up. */
    BytePairs(int mergeCount, long seed) {
        this(mergeCount, seed, List.of());
    }

    /**
     * @param first merges that come before all others: two texts, of which the last byte of the
     *     left one and the first byte of the right one are merged where they are not ASCII
     */
    BytePairs(int mergeCount, long seed, List<List<String>> first) {
        for (int value = 0; value < 256; value++) {
            tokens.add(spell(value));
        }
        for (List<String> pair : first) {
            String left = spell(pair.get(0));
            String right = spell(pair.get(1));
            merge(
                    isAscii(pair.get(0)) ? left : left.substring(left.length() - 1),
                    isAscii(pair.get(1)) ? right : right.substring(0, 1));
        }
        List<List<String>> words = words();
        boolean merged = true;
        while (merges.size() < mergeCount && merged) {
            merged = mergeMostFrequent(words);
        }
        Random random = new Random(seed);
        Map<String, Boolean> known = new HashMap<>();
        tokens.forEach(token -> known.put(token, true));
        while (merges.size() < mergeCount) {
            String left = tokens.get(random.nextInt(tokens.size()));
            String right = tokens.get(random.nextInt(tokens.size()));
            if (left.length() + right.length() <= 12 && known.put(left + right, true) == null) {
                merges.add(left + " " + right);
                tokens.add(left + right);
            }
        }
    }

    List<String> tokens() {
        return tokens;
    }

    List<String> merges() {
        return merges;
    }

    /** Returns the bytes that a token of this spelling stands for. */
    static byte[] bytes(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            int value = 0;
            while (spell(value).charAt(0) != token.charAt(i)) {
                value++;
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(letter -> letter < 128);
    }

    private void merge(String left, String right) {
        merges.add(left + " " + right);
        tokens.add(left + right);
    }

    private static String spell(String text) {
        StringBuilder spelled = new StringBuilder();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            spelled.append(spell(value & 0xff));
        }
        return spelled.toString();
    }

    private static List<List<String>> words() {
        List<List<String>> words = new ArrayList<>();
        for (String word : TEXT.split("(?=[ \n])", -1)) {
            List<String> letters = new ArrayList<>();
            for (byte letter : word.getBytes(StandardCharsets.UTF_8)) {
                letters.add(spell(letter & 0xff));
            }
            words.add(letters);
        }
        return words;
    }

    private boolean mergeMostFrequent(List<List<String>> words) {
        Map<String, Integer> counts = new HashMap<>();
        for (List<String> word : words) {
            for (int i = 0; i + 1 < word.size(); i++) {
                counts.merge(word.get(i) + " " + word.get(i + 1), 1, Integer::sum);
            }
        }
        String best =
                counts.entrySet().stream()
                        .filter(entry -> entry.getValue() > 1)
                        .filter(entry -> !tokens.contains(entry.getKey().replace(" ", "")))
                        .max(
                                Map.Entry.<String, Integer>comparingByValue()
                                        .thenComparing(Map.Entry.comparingByKey()))
                        .map(Map.Entry::getKey)
                        .orElse(null);
        if (best == null) {
            return false;
        }
        String joined = best.replace(" ", "");
        merges.add(best);
        tokens.add(joined);
        for (List<String> word : words) {
            for (int i = 0; i + 1 < word.size(); i++) {
                if (best.equals(word.get(i) + " " + word.get(i + 1))) {
                    word.set(i, joined);
                    word.remove(i + 1);
                }
            }
        }
        return true;
    }

    /** GPT-2 writes every byte as a printable character. */
    private static String spell(int value) {
        boolean printable =
                (value >= '!' && value <= '~')
                        || (value >= 0xA1 && value <= 0xAC)
                        || (value >= 0xAE && value <= 0xFF);
        if (printable) {
            return String.valueOf((char) value);
        }
        int place = 0;
        for (int before = 0; before < value; before++) {
            boolean skipped =
                    (before >= '!' && before <= '~')
                            || (before >= 0xA1 && before <= 0xAC)
                            || (before >= 0xAE && before <= 0xFF);
            place += skipped ? 0 : 1;
        }
        return String.valueOf((char) (256 + place));
    }
}
