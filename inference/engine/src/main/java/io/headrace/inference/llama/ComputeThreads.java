package io.headrace.inference.llama;

/**
 * Chooses between all compute threads and a single one for each step, by what steps of about the
 * same size took before.
 *
 * <p>llama.cpp's threads wait for each other by spinning, many times in a step. Where the cores are
 * free that is fast; where another thread wants one of them, each wait can last as long as that
 * one's time slice, and a step takes ten times as long as on a single thread. Which of the two
 * holds can change at any moment, so the loser is tried again from time to time: soon after a
 * change, then ever more rarely. Owned by the engine's thread.
 */
final class ComputeThreads {

    private static final int SOONEST_TRIAL = 4;
    private static final int LATEST_TRIAL = 512;
    private static final double CLEARLY_FASTER = 0.9;
    private static final double WEIGHT_OF_LAST = 0.25;

    /** Steps whose numbers of rows have equally many binary digits are compared. */
    private final Choice[] choices = new Choice[32];

    private final int all;
    private boolean trying;
    private Choice current;

    ComputeThreads(int all) {
        this.all = all;
        for (int i = 0; i < choices.length; i++) {
            choices[i] = new Choice();
        }
    }

    private static final class Choice {
        private boolean single;
        private double usual = Double.NaN;
        private int stepsToTrial = SOONEST_TRIAL;
        private int interval = SOONEST_TRIAL;
    }

    /** Returns how many threads to use for a step of so many rows. */
    int choose(int rows) {
        if (all == 1) {
            return 1;
        }
        current = choices[32 - Integer.numberOfLeadingZeros(Math.max(1, rows)) - 1];
        trying = --current.stepsToTrial <= 0;
        return current.single != trying ? 1 : all;
    }

    /** Takes in how long the step took that was chosen for last. */
    void took(int rows, long nanos) {
        if (all == 1) {
            return;
        }
        double each = (double) nanos / Math.max(1, rows);
        if (!trying) {
            current.usual =
                    Double.isNaN(current.usual)
                            ? each
                            : current.usual + WEIGHT_OF_LAST * (each - current.usual);
            return;
        }
        if (each < CLEARLY_FASTER * current.usual) {
            current.single = !current.single;
            current.usual = each;
            current.interval = SOONEST_TRIAL;
        } else {
            current.interval = Math.min(2 * current.interval, LATEST_TRIAL);
        }
        current.stepsToTrial = current.interval;
    }
}
