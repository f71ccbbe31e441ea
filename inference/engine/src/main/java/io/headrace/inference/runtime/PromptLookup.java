package io.headrace.inference.runtime;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Finds where a prompt goes on as an output has ended so far. Texts are compared by their bytes,
 * because the same word has other tokens behind a quote than behind a space; a place is found only
 * where a token of the prompt ends, so that what follows can be taken token by token. Immutable.
 */
final class PromptLookup {

    /** The most bytes that are compared; also what a caller need remember of its output. */
    static final int MOST_BYTES = 32;

    /** Shorter agreements are chance. */
    private static final int LEAST_BYTES = 4;

    private final int[] tokens;
    private final byte[] text;
    private final int[] ends;

    /**
     * @param from the first token that counts: what all prompts share is seldom copied
     */
    PromptLookup(int[] prompt, int from, Vocabulary vocabulary) {
        this.tokens = Arrays.copyOfRange(prompt, Math.min(from, prompt.length), prompt.length);
        this.ends = new int[tokens.length];
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int place = 0; place < tokens.length; place++) {
            bytes.writeBytes(vocabulary.bytes(tokens[place]));
            ends[place] = bytes.size();
        }
        this.text = bytes.toByteArray();
    }

    int size() {
        return tokens.length;
    }

    int token(int place) {
        return tokens[place];
    }

    /**
     * Returns the place of the token behind the longest agreement with the end of an output, the
     * first of equals; -1 where too little agrees.
     *
     * @param tail the output's last bytes
     * @param length how many of them there are
     */
    int find(byte[] tail, int length) {
        int longest = LEAST_BYTES - 1;
        int found = -1;
        for (int place = 0; place + 1 < tokens.length; place++) {
            int common = commonEnd(tail, length, ends[place]);
            if (common > longest) {
                longest = common;
                found = place + 1;
            }
        }
        return found;
    }

    private int commonEnd(byte[] tail, int length, int end) {
        int most = Math.min(length, end);
        int common = 0;
        while (common < most && tail[length - 1 - common] == text[end - 1 - common]) {
            common++;
        }
        return common;
    }
}
