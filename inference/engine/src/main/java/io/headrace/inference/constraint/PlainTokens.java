package io.headrace.inference.constraint;

import java.util.Arrays;

/**
 * The tokens that stay inside a JSON string: no quote, no backslash, no control character, and
 * valid UTF-8 from a border of characters on (the last character may be cut). Immutable.
 *
 * <p>Nearly all tokens of a vocabulary are plain. In a string without a pattern all of them are
 * allowed that are not too long, so only the others are walked there.
 */
final class PlainTokens {

    /** Characters that a token begins; -1 for a token that is not plain. */
    private final int[] characters;

    /** For each number of characters the tokens with no more; shared where none are added. */
    private final long[][] masks;

    private final TokenTrie others;

    PlainTokens(TokenVocabulary vocabulary) {
        this.characters = new int[vocabulary.size()];
        int most = 0;
        for (int token = 0; token < characters.length; token++) {
            characters[token] =
                    vocabulary.isControl(token) ? -1 : charactersOf(vocabulary.bytes(token));
            most = Math.max(most, characters[token]);
        }
        this.others = new TokenTrie(vocabulary, token -> characters[token] < 0);
        this.masks = new long[most + 1][];
        boolean[] used = new boolean[most + 1];
        for (int count : characters) {
            if (count > 0) {
                used[count] = true;
            }
        }
        masks[0] = others.newWords();
        for (int count = 1; count <= most; count++) {
            masks[count] = used[count] ? withTokensOf(count) : masks[count - 1];
        }
    }

    private long[] withTokensOf(int count) {
        long[] words = masks[count - 1].clone();
        for (int token = 0; token < characters.length; token++) {
            if (characters[token] == count) {
                words[token >> 6] |= 1L << (token & 63);
            }
        }
        return words;
    }

    private static int charactersOf(byte[] bytes) {
        Term at = StringTerm.anyBody();
        int count = 0;
        for (byte value : bytes) {
            at = at.derive(value & 0xff, SpanSource.NONE);
            if (at == null || at == EndTerm.END || value == '\\') {
                return -1;
            }
            count += (value & 0xC0) == 0x80 ? 0 : 1;
        }
        return count;
    }

    /** A copy of the mask of the plain tokens that begin at most so many characters. */
    long[] mask(int mostCharacters) {
        long[] words = masks[Math.min(mostCharacters, masks.length - 1)];
        return Arrays.copyOf(words, words.length);
    }

    /** The tokens that are not plain. */
    TokenTrie others() {
        return others;
    }
}
