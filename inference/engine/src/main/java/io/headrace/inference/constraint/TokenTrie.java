package io.headrace.inference.constraint;

import java.util.Arrays;

/**
 * The tokens of a vocabulary as a trie of their bytes, flattened in depth-first order: to skip a
 * subtree is one jump, and a walk reads memory forwards. Immutable.
 *
 * <p>Node {@code i} has the byte {@code labels[i]} at depth {@code depths[i]} (0 for the first byte
 * of a token), ends before node {@code ends[i]}, and spells {@code tokens[i]} (-1 for none). Tokens
 * with the same bytes follow in {@code sameBytes}.
 */
final class TokenTrie {

    final byte[] labels;
    final short[] depths;
    final int[] ends;
    final int[] tokens;
    final int[] sameBytes;
    final int vocabularySize;
    final int depth;

    TokenTrie(TokenVocabulary vocabulary) {
        this.vocabularySize = vocabulary.size();
        byte[][] texts = new byte[vocabularySize][];
        Integer[] sorted = new Integer[vocabularySize];
        int usable = 0;
        int longest = 0;
        int total = 0;
        for (int token = 0; token < vocabularySize; token++) {
            if (vocabulary.isControl(token) || vocabulary.bytes(token).length == 0) {
                continue;
            }
            texts[token] = vocabulary.bytes(token);
            longest = Math.max(longest, texts[token].length);
            total += texts[token].length;
            sorted[usable++] = token;
        }
        if (longest > Short.MAX_VALUE) {
            throw new IllegalArgumentException("a token of " + longest + " bytes is too long");
        }
        Arrays.sort(
                sorted,
                0,
                usable,
                (left, right) -> Arrays.compareUnsigned(texts[left], texts[right]));
        this.depth = longest;
        this.sameBytes = new int[vocabularySize];
        Arrays.fill(sameBytes, -1);
        Nodes nodes = new Nodes(total);
        int previous = -1;
        for (int i = 0; i < usable; i++) {
            previous = nodes.add(texts, sorted[i], previous, sameBytes);
        }
        nodes.close(0);
        this.labels = Arrays.copyOf(nodes.labels, nodes.count);
        this.depths = Arrays.copyOf(nodes.depths, nodes.count);
        this.ends = Arrays.copyOf(nodes.ends, nodes.count);
        this.tokens = Arrays.copyOf(nodes.tokens, nodes.count);
    }

    int size() {
        return labels.length;
    }

    private static final class Nodes {
        private final byte[] labels;
        private final short[] depths;
        private final int[] ends;
        private final int[] tokens;
        private int count;

        /** The nodes from the root to the latest token. */
        private int[] path = new int[16];

        private int pathLength;

        Nodes(int most) {
            labels = new byte[most];
            depths = new short[most];
            ends = new int[most];
            tokens = new int[most];
        }

        /** Adds the next token in order and returns it, or the token with the same bytes. */
        int add(byte[][] texts, int token, int previous, int[] sameBytes) {
            byte[] text = texts[token];
            int common = previous < 0 ? 0 : Arrays.mismatch(texts[previous], text);
            if (common < 0) {
                sameBytes[token] = sameBytes[previous];
                sameBytes[previous] = token;
                return previous;
            }
            close(common);
            if (path.length < text.length) {
                path = Arrays.copyOf(path, text.length * 2);
            }
            for (int at = common; at < text.length; at++) {
                labels[count] = text[at];
                depths[count] = (short) at;
                tokens[count] = -1;
                path[pathLength++] = count++;
            }
            tokens[count - 1] = token;
            return token;
        }

        void close(int length) {
            while (pathLength > length) {
                ends[path[--pathLength]] = count;
            }
        }
    }
}
