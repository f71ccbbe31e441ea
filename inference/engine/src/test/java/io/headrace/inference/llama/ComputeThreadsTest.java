package io.headrace.inference.llama;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ComputeThreadsTest {

    private final ComputeThreads threads = new ComputeThreads(4);
    private int allSteps;

    @Test
    void freeCoresAreAllUsed() {
        run(1000, 100, 30);
        assertThat(allSteps).isGreaterThan(980);
    }

    @Test
    void contendedCoresAreLeftAndTakenBackWhenTheyAreFree() {
        run(1000, 100, 2000);
        assertThat(allSteps).isLessThan(30);
        allSteps = 0;
        run(2000, 100, 30);
        assertThat(allSteps).isGreaterThan(1000);
    }

    @Test
    void stepsOfOtherSizesAreJudgedByThemselves() {
        for (int i = 0; i < 200; i++) {
            assertThat(step(400, 100_000, 30_000)).isIn(1, 4);
            step(1, 100, 2000);
        }
        assertThat(step(400, 100_000, 30_000)).isEqualTo(4);
        assertThat(step(1, 100, 2000)).isEqualTo(1);
    }

    @Test
    void oneThreadIsAlwaysOne() {
        ComputeThreads one = new ComputeThreads(1);
        assertThat(one.choose(7)).isEqualTo(1);
        one.took(7, 100);
        assertThat(one.choose(7)).isEqualTo(1);
    }

    private void run(int steps, long single, long all) {
        for (int i = 0; i < steps; i++) {
            allSteps += step(16, single, all) == 4 ? 1 : 0;
        }
    }

    private int step(int rows, long single, long all) {
        int chosen = threads.choose(rows);
        threads.took(rows, chosen == 1 ? single : all);
        return chosen;
    }
}
