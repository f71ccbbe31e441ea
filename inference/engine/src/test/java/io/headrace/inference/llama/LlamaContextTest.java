package io.headrace.inference.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.testing.GgufWriter;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What would abort the process is an exception, and what llama.cpp reports comes through. */
class LlamaContextTest {

    private static final LlamaContext.Size SIZE = new LlamaContext.Size(256, 64, 4, 1);

    @TempDir private static Path folder;
    private static LlamaBinding binding;
    private static LlamaModel model;

    private final LlamaBatch batch = new LlamaBatch(300);
    private LlamaContext context;

    @BeforeAll
    static void load() {
        binding = LlamaBinding.load(Optional.empty(), EngineOptions.nativesCache());
        model = LlamaModel.load(binding, TinyModels.llama(folder.resolve("tiny.gguf"), 3));
    }

    @AfterAll
    static void free() {
        model.close();
        model.close();
        assertThatThrownBy(() -> model.handle()).isInstanceOf(IllegalStateException.class);
    }

    @BeforeEach
    void open() {
        context = new LlamaContext(model, SIZE);
    }

    @AfterEach
    void close() {
        context.close();
        context.close();
        batch.close();
    }

    @Test
    void tooManyRowsAreRefused() {
        fill(0, 65, 0);
        assertThatThrownBy(() -> context.decode(batch)).hasMessageContaining("64 rows, not 65");
        batch.clear();
        assertThatThrownBy(() -> context.decode(batch)).hasMessageContaining("not 0");
    }

    @Test
    void tooManyOutputsAreRefused() {
        for (int i = 0; i < 5; i++) {
            batch.add(1, i, 0, true);
        }
        assertThatThrownBy(() -> context.decode(batch)).hasMessageContaining("at most 4");
    }

    @Test
    void sequencesOutOfRangeAreRefused() {
        assertThatThrownBy(() -> context.copySequence(0, 256, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> context.truncateSequence(-1, 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void logitsThatWereNotComputedAreRefused() {
        assertThatThrownBy(() -> context.logits(0)).isInstanceOf(IndexOutOfBoundsException.class);
        batch.add(1, 0, 0, true);
        assertThat(context.decode(batch)).isZero();
        context.logits(0);
        assertThatThrownBy(() -> context.logits(1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void badTokensAndPositionsFailCleanly() {
        batch.add(100_000, 0, 0, true);
        assertThat(context.decode(batch)).isEqualTo(-1);
        batch.clear();
        batch.add(1, 0, 0, false);
        assertThat(context.decode(batch)).isZero();
        batch.clear();
        batch.add(1, 7, 0, true);
        assertThat(context.decode(batch)).isEqualTo(-1);
    }

    @Test
    void aFullCacheFailsCleanlyAndIsUsableAfterwards() {
        for (int i = 0; i < 4; i++) {
            fill(0, 64, 64 * i);
            assertThat(context.decode(batch)).isZero();
        }
        fill(1, 10, 0);
        assertThat(context.decode(batch)).isEqualTo(1);
        assertThat(context.truncateSequence(0, 0)).isTrue();
        assertThat(context.decode(batch)).isZero();
    }

    @Test
    void otherThreadsAreRefused() throws InterruptedException {
        fill(0, 1, 0);
        context.decode(batch);
        AtomicReference<RuntimeException> thrown = new AtomicReference<>();
        Thread stranger =
                new Thread(
                        () -> {
                            try {
                                context.decode(batch);
                            } catch (RuntimeException e) {
                                thrown.set(e);
                            }
                        });
        stranger.start();
        stranger.join();
        assertThat(thrown.get()).hasMessageContaining("belongs to");
    }

    @Test
    void aClosedContextIsRefused() {
        context.close();
        fill(0, 1, 0);
        assertThatThrownBy(() -> context.decode(batch)).hasMessageContaining("closed");
    }

    @Test
    void aSecondFolderOfLibrariesIsRefused() {
        assertThatThrownBy(
                        () -> LlamaBinding.load(Optional.of(folder), EngineOptions.nativesCache()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("already runs");
    }

    @Test
    void whatLlamaCannotLoadSaysWhy() throws IOException {
        Path path = folder.resolve("unknown.gguf");
        GgufWriter gguf = TinyModels.writer(1, ModelShape.TINY);
        gguf.put("general.architecture", "nosuch").write(path);
        assertThatThrownBy(() -> LlamaModel.load(binding, path))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("unknown.gguf")
                .hasMessageContaining("nosuch");
    }

    private void fill(int sequence, int rows, int from) {
        batch.clear();
        for (int i = 0; i < rows; i++) {
            batch.add(1 + i % 50, from + i, sequence, i == rows - 1);
        }
    }
}
