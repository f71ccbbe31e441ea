package io.headrace.inference.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.ModelLoadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackagedNativesTest {

    @TempDir private Path cache;

    @Test
    void manyWhoUnpackAtOnceGetOneWholeFolder() throws Exception {
        ExecutorService starters = Executors.newFixedThreadPool(4);
        try {
            List<Future<Path>> folders = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                folders.add(starters.submit(() -> PackagedNatives.forThisPlatform().unpack(cache)));
            }
            Path folder = folders.get(0).get();
            for (Future<Path> each : folders) {
                assertThat(each.get()).isEqualTo(folder);
            }
            try (Stream<Path> left = Files.list(cache)) {
                assertThat(left).containsExactly(folder);
            }
        } finally {
            starters.shutdown();
        }
    }

    @Test
    void aDamagedFolderIsReplaced() throws IOException {
        Path folder = PackagedNatives.forThisPlatform().unpack(cache);
        Path library = NativeLibraries.locate(Optional.of(folder), cache).llama();
        long size = Files.size(library);
        Files.writeString(library, "damaged");
        assertThat(PackagedNatives.forThisPlatform().unpack(cache)).isEqualTo(folder);
        assertThat(library).hasSize(size);
    }

    @Test
    void aPlatformWithoutLibrariesIsNamedWithAWayOut() {
        assertThatThrownBy(() -> PackagedNatives.forPlatform("plan9-vax"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("plan9-vax")
                .hasMessageContaining("natives directory");
    }

    @Test
    void aFolderWithoutLibrariesIsNamedWithWhatItLacks() {
        assertThatThrownBy(() -> NativeLibraries.locate(Optional.of(cache), cache))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining(cache.toString())
                .hasMessageContaining("llama");
        assertThatThrownBy(() -> NativeLibraries.locate(Optional.of(cache.resolve("none")), cache))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.writeString(cache.resolve("file"), "in the way");
        assertThatThrownBy(() -> PackagedNatives.forThisPlatform().unpack(file.resolve("below")))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("cannot be unpacked")
                .hasMessageContaining("MiB free");
    }
}
