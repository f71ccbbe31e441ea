package io.headrace.inference.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.cpu.OwnEngine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
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
        Map<String, int[]> counts = counts();
        assertThat(counts).hasSize(GgufMutations.Damage.values().length);
        counts.forEach(
                (damage, refusedAndOpened) -> {
                    int tried = refusedAndOpened[0] + refusedAndOpened[1];
                    assertThat(tried).as("files with %s damaged", damage).isGreaterThan(COUNT / 40);
                    assertThat(refusedAndOpened[0]).as(damage).isGreaterThan(tried / 3);
                });
        // What is cut off is always missed, and changes of the metadata are not all of the kind
        // that the checks in Java find: some models run.
        assertThat(counts.get("TAIL")[1]).isLessThanOrEqualTo(COUNT / 500);
        int[] changes = counts.get("CHANGES");
        assertThat(changes[1]).isGreaterThan((changes[0] + changes[1]) / 30);
    }

    /** Returns by damage how many were refused and how many opened and answered. */
    private Map<String, int[]> counts() throws IOException {
        Map<String, int[]> counts = new HashMap<>();
        for (String line : Files.readAllLines(folder.resolve("counts"))) {
            String[] parts = line.split(" ", 3);
            counts.put(
                    parts[0], new int[] {Integer.parseInt(parts[1]), Integer.parseInt(parts[2])});
        }
        return counts;
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
