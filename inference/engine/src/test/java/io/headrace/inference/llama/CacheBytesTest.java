package io.headrace.inference.llama;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import io.headrace.inference.ModelInspection;
import io.headrace.inference.testing.Family;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is foretold of a sequence's memory, against what llama.cpp would save of it. */
class CacheBytesTest {

    /** Position, number of sequences and the like, which llama.cpp saves of each token too. */
    private static final int BESIDE = 40;

    @TempDir private static Path folder;

    @ParameterizedTest
    @EnumSource
    void aTokenTakesAsMuchOfTheCacheAsIsForetold(Family family) {
        Path file = family.write(folder.resolve(family + ".gguf"), 1);
        int[] tokens = new int[12]; // Fewer than a window has, so that nothing is left out.
        Arrays.fill(tokens, 300);
        try (LlamaModel model = LlamaModel.load(FamilyAssert.binding(), file);
                BareLoop loop = new BareLoop(model, 256, 64)) {
            loop.append(tokens);
            long once = savedBytes(loop);
            loop.append(tokens[0], tokens[1]);
            double each = (savedBytes(loop) - once) / 2.0;
            long foretold = ModelInspection.of(file).cacheBytesPerToken();
            assertThat(each).isBetween((double) foretold, (double) foretold + BESIDE);
        }
    }

    private static long savedBytes(BareLoop loop) {
        NativeLibrary llama =
                NativeLibrary.getInstance(FamilyAssert.binding().libraries().llama().toString());
        Function size = llama.getFunction("llama_state_seq_get_size");
        return (long) size.invoke(long.class, new Object[] {loop.context().handle(), 0});
    }
}
