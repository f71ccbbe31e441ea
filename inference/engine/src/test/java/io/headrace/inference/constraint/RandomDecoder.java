package io.headrace.inference.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.headrace.inference.logits.ArrayRow;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** A model that knows nothing: it takes any allowed token, and checks the state at each step. */
final class RandomDecoder {

    private final TokenVocabulary vocabulary;
    private final Random random;
    private final int maxTokens;

    RandomDecoder(TokenVocabulary vocabulary, Random random, int maxTokens) {
        this.vocabulary = vocabulary;
        this.random = random;
        this.maxTokens = maxTokens;
    }

    /** Decodes to the end; after {@code maxTokens} takes the shortest completion. */
    String decode(ConstraintState start) {
        ConstraintState state = start;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int count = 0; !state.complete(); count++) {
            if ((state.canEnd() && random.nextInt(4) == 0)) {
                break;
            }
            if (count >= maxTokens) {
                byte[] rest = state.shortestCompletionBytes();
                out.writeBytes(rest);
                if (!state.insideCharacter()) {
                    assertThat(state.acceptText(state.shortestCompletion()).canEnd()).isTrue();
                }
                break;
            }
            if (random.nextInt(4) == 0) {
                ConstraintState after = appendForced(state, out);
                if (after != state) {
                    state = after;
                    continue;
                }
            }
            if (state.mask().isEmpty()) {
                fail("a dead end after " + out);
            }
            int token = pick(state.mask());
            out.writeBytes(state.written(token));
            state = state.accept(token);
        }
        return text(out.toByteArray());
    }

    private ConstraintState appendForced(ConstraintState state, ByteArrayOutputStream out) {
        String forced = state.forcedText();
        if (forced.isEmpty()) {
            return state;
        }
        byte[] bytes = forced.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(bytes);
        state.mask()
                .forEach(
                        token -> {
                            if (!agree(state.written(token), bytes)) {
                                fail("token " + token + " instead of " + forced);
                            }
                        });
        ConstraintState after = state.acceptText(forced);
        assertThat(after.forcedText()).isEmpty();
        return after;
    }

    /** Whether a token begins the forced text, or begins with it. */
    private static boolean agree(byte[] token, byte[] forced) {
        int mismatch = java.util.Arrays.mismatch(token, forced);
        return mismatch < 0 || mismatch == Math.min(token.length, forced.length);
    }

    /** Any allowed token; half of the time one that closes something, so that outputs end. */
    private int pick(TokenMask mask) {
        if (random.nextInt(6) == 0) {
            for (char closing : new char[] {'"', '}', ']'}) {
                if (mask.allows(closing + 1)) {
                    return closing + 1;
                }
            }
        }
        if (random.nextInt(8) == 0) {
            float[] logits = new float[vocabulary.size()];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = random.nextFloat();
            }
            return mask.argmax(new ArrayRow(logits));
        }
        int index = random.nextInt(mask.cardinality());
        int[] found = {index, -1};
        mask.forEach(
                token -> {
                    if (found[0]-- == 0) {
                        found[1] = token;
                    }
                });
        return found[1];
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new AssertionError("not UTF-8", e);
        }
    }
}
