package io.headrace.inference.gguf;

import io.headrace.inference.gguf.GgufFile.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Looks for weights that are no numbers, which would spread from one request to all. */
final class FiniteWeights {

    private static final int WINDOW = 1 << 16;

    private FiniteWeights() {}

    /**
     * Reads the data of a tensor in F32, F16 or BF16.
     *
     * @throws GgufInput.DamagedException if an element is infinite or no number
     */
    static void require(FileChannel channel, Tensor tensor) throws IOException {
        ByteBuffer window = ByteBuffer.allocate(WINDOW).order(ByteOrder.LITTLE_ENDIAN);
        for (long done = 0; done < tensor.bytes(); done += window.limit()) {
            window.clear().limit((int) Math.min(WINDOW, tensor.bytes() - done));
            while (window.hasRemaining()) {
                long at = tensor.offset() + done + window.position();
                if (channel.read(window, at) < 0) {
                    throw new GgufInput.DamagedException("it became shorter while it was read.");
                }
            }
            if (!isFinite(window.flip(), tensor.type())) {
                throw new GgufInput.DamagedException(
                        "the tensor " + tensor.name() + " holds weights that are no numbers.");
            }
        }
    }

    /** An exponent of all ones stands for infinity and for what is no number. */
    private static boolean isFinite(ByteBuffer window, TensorType type) {
        int exponent = type == TensorType.F16 ? 0x7c00 : 0x7f80;
        while (window.hasRemaining()) {
            int high = type == TensorType.F32 ? window.getInt() >>> 16 : window.getShort();
            if ((high & exponent) == exponent) {
                return false;
            }
        }
        return true;
    }
}
