package io.headrace.inference.constraint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Tokens of a vocabulary as a trie of their bytes, flattened in depth-first order: to skip a
 * subtree is one jump, and a walk reads memory forwards. Immutable.
 *
 * <p>Node {@code i} has the byte {@code labels[i]} at depth {@code depths[i]} (0 for the first byte
 * of a token), ends before node {@code ends[i]}, and spells {@code tokens[i]}; where it spells none
 * that is {@link #noToken()}, a bit beyond the vocabulary, so that a walk need not ask.
 */
final class TokenTrie {

    final byte[] labels;
    final short[] depths;
    final int[] ends;
    final int[] tokens;

    /** For each node the {@link ByteClasses} of the bytes below it. */
    final long[] classesBelow;

    private final int vocabularySize;
    private final int depth;

    /** Pairs of tokens with the same bytes: one that is in the trie, and one that is not. */
    private final int[] twins;

    /** The tokens that write text and that pass a filter. */
    TokenTrie(TokenVocabulary vocabulary, IntPredicate filter) {
        this.vocabularySize = vocabulary.size();
        byte[][] texts = new byte[vocabularySize][];
        Integer[] sorted = new Integer[vocabularySize];
        int usable = 0;
        int longest = 0;
        int total = 0;
        for (int token = 0; token < vocabularySize; token++) {
            byte[] text = vocabulary.bytes(token);
            if (vocabulary.isControl(token) || text.length == 0 || !filter.test(token)) {
                continue;
            }
            texts[token] = text;
            longest = Math.max(longest, text.length);
            total += text.length;
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
        Nodes nodes = new Nodes(total, noToken());
        for (int i = 0; i < usable; i++) {
            nodes.add(texts, sorted[i]);
        }
        nodes.close(0);
        this.labels = Arrays.copyOf(nodes.labels, nodes.count);
        this.depths = Arrays.copyOf(nodes.depths, nodes.count);
        this.ends = Arrays.copyOf(nodes.ends, nodes.count);
        this.tokens = Arrays.copyOf(nodes.tokens, nodes.count);
        this.classesBelow = findClasses();
        this.twins = nodes.twins.stream().mapToInt(Integer::intValue).toArray();
    }

    private long[] findClasses() {
        long[] classes = new long[labels.length];
        // Backwards, the children of a node come before it; what they have gathers by their depth.
        long[] gathered = new long[depth + 2];
        for (int node = labels.length - 1; node >= 0; node--) {
            int at = depths[node];
            classes[node] = gathered[at + 1];
            gathered[at + 1] = 0;
            gathered[at] |= classes[node] | ByteClasses.of(labels[node] & 0xff);
        }
        return classes;
    }

    /** The number of nodes. */
    int size() {
        return labels.length;
    }

    /** The length of the longest token. */
    int depth() {
        return depth;
    }

    int noToken() {
        return vocabularySize;
    }

    /** Words for a walk: one bit for each token, and one for {@link #noToken()}. */
    long[] newWords() {
        return new long[(vocabularySize >> 6) + 1];
    }

    /** Ends a walk: what holds for a token holds for those with the same bytes. */
    void finish(long[] words) {
        words[vocabularySize >> 6] &= (1L << (vocabularySize & 63)) - 1;
        for (int i = 0; i < twins.length; i += 2) {
            if ((words[twins[i] >> 6] & 1L << (twins[i] & 63)) != 0) {
                words[twins[i + 1] >> 6] |= 1L << (twins[i + 1] & 63);
            }
        }
    }

    private static final class Nodes {
        private final byte[] labels;
        private final short[] depths;
        private final int[] ends;
        private final int[] tokens;
        private final List<Integer> twins = new ArrayList<>();
        private final int noToken;
        private int count;

        /** The nodes from the root to the latest token. */
        private int[] path = new int[16];

        private int pathLength;
        private int latest = -1;

        Nodes(int most, int noToken) {
            this.labels = new byte[most];
            this.depths = new short[most];
            this.ends = new int[most];
            this.tokens = new int[most];
            this.noToken = noToken;
        }

        /** Adds the next token in the order of their bytes. */
        void add(byte[][] texts, int token) {
            byte[] text = texts[token];
            int common = latest < 0 ? 0 : Arrays.mismatch(texts[latest], text);
            if (common < 0) {
                twins.add(latest);
                twins.add(token);
                return;
            }
            close(common);
            if (path.length < text.length) {
                path = Arrays.copyOf(path, text.length * 2);
            }
            for (int at = common; at < text.length; at++) {
                labels[count] = text[at];
                depths[count] = (short) at;
                tokens[count] = noToken;
                path[pathLength++] = count++;
            }
            tokens[count - 1] = token;
            latest = token;
        }

        void close(int length) {
            while (pathLength > length) {
                ends[path[--pathLength]] = count;
            }
        }
    }
}
