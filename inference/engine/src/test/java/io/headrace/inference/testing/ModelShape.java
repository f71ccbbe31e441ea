package io.headrace.inference.testing;

import io.headrace.inference.gguf.TensorType;

/**
 * The shape of a random-weight model of the Llama family.
 *
 * @param layers number of layers
 * @param width of the hidden state
 * @param heads attention heads
 * @param kvHeads heads of keys and values
 * @param feedForward width inside the feed-forward part
 * @param vocabulary number of tokens, control tokens included
 * @param contextTokens the context length that the file claims
 * @param linear how the layers' matrices are stored
 * @param embedding how the token embeddings are stored, which are the output head too
 */
public record ModelShape(
        int layers,
        int width,
        int heads,
        int kvHeads,
        int feedForward,
        int vocabulary,
        int contextTokens,
        TensorType linear,
        TensorType embedding) {

    /** Small enough to load and run in milliseconds. */
    public static final ModelShape TINY =
            new ModelShape(2, 64, 4, 2, 128, 512, 4096, TensorType.F32, TensorType.F32);

    /** Llama-3.2-1B's shape in Q4_0 with a vocabulary of 128 thousand. */
    public static final ModelShape LLAMA_1B =
            new ModelShape(
                    16, 2048, 32, 8, 8192, 128_256, 131_072, TensorType.Q4_0, TensorType.Q8_0);
}
