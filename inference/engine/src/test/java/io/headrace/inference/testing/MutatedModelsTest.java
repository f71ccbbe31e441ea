package io.headrace.inference.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.cpu.OwnEngine;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole is in {@code mvn verify -Pfaults}: 10,000 of each, about ten minutes each. */
class MutatedModelsTest {

    private static final int COUNT = Boolean.getBoolean("headrace.faults") ? 10_000 : 200;

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource
    void whatIsDamagedIsRefusedWithASentenceOrLoadedAndNeverCrashes(MutatedModels.Damaged damaged)
            throws Exception {
        OwnEngine.assumePresentFor(damaged.backend);
        Path log = folder.resolve("log");
        Process child =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElse("java"),
                                "-Xmx512m",
                                "-XX:+UseSerialGC",
                                "-XX:-CreateCoredumpOnCrash",
                                "-XX:ErrorFile=" + folder.resolve("crash"),
                                "-cp",
                                ManagementFactory.getRuntimeMXBean().getClassPath(),
                                MutatedModels.class.getName(),
                                folder.toString(),
                                "0",
                                String.valueOf(COUNT),
                                damaged.name())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        int exit = child.waitFor();
        String number = Files.readString(folder.resolve("number"));
        assertThat(exit).as("mutation %s: %s", number, tail(log)).isZero();
        assertThat(Integer.parseInt(Files.readString(folder.resolve("loaded"))))
                .as("files that are not damaged too badly to load")
                .isBetween(COUNT / 50, COUNT);
    }

    @Test
    void neighbouringNumbersDamageDifferentModels() {
        int[] firstChoices = new int[8];
        for (int number = 0; number < 200; number++) {
            firstChoices[GgufMutations.random(number).nextInt(firstChoices.length)]++;
        }
        assertThat(firstChoices).doesNotContain(0);
    }

    private static String tail(Path log) throws Exception {
        byte[] bytes = Files.readAllBytes(log);
        int from = Math.max(0, bytes.length - 4000);
        return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    }
}
