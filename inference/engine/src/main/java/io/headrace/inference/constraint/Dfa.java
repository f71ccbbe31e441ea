package io.headrace.inference.constraint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A deterministic automaton over symbols, kept trim: every state can reach an accepting one. State
 * 0 is the start. Immutable.
 */
final class Dfa {

    /** More states than this are refused: the expression is then too large to be meant. */
    static final int MAX_STATES = 20_000;

    /** A step of an automaton under construction; there may be several for one symbol. */
    record Edge<S>(CodePointSet symbols, S target) {}

    /** The steps of one state: ascending, disjoint ranges of symbols, each with its target. */
    static final class Steps {
        private final int[] lows;
        private final int[] highs;
        private final int[] targets;

        private Steps(int[] lows, int[] highs, int[] targets) {
            this.lows = lows;
            this.highs = highs;
            this.targets = targets;
        }

        int count() {
            return lows.length;
        }

        int low(int index) {
            return lows[index];
        }

        int high(int index) {
            return highs[index];
        }

        int target(int index) {
            return targets[index];
        }
    }

    private final Steps[] steps;
    private final boolean[] accepting;
    private final int[] distance;

    private Dfa(Steps[] steps, boolean[] accepting, int[] distance) {
        this.steps = steps;
        this.accepting = accepting;
        this.distance = distance;
    }

    /**
     * The automaton of a nondeterministic one, by subset construction.
     *
     * @return null when it accepts nothing
     * @throws IllegalArgumentException when it has more than {@link #MAX_STATES} states
     */
    static <S> Dfa determinize(
            Set<S> start, Function<S, List<Edge<S>>> edges, Predicate<S> accepts) {
        Map<Set<S>, Integer> numbers = new HashMap<>();
        List<Set<S>> subsets = new ArrayList<>();
        List<Steps> steps = new ArrayList<>();
        numbers.put(start, 0);
        subsets.add(start);
        for (int state = 0; state < subsets.size(); state++) {
            List<Edge<S>> outgoing = new ArrayList<>();
            subsets.get(state).forEach(member -> outgoing.addAll(edges.apply(member)));
            steps.add(stepsOf(outgoing, numbers, subsets));
            if (subsets.size() > MAX_STATES) {
                throw new IllegalArgumentException(
                        "the expression needs more than " + MAX_STATES + " states");
            }
        }
        boolean[] accepting = new boolean[subsets.size()];
        for (int state = 0; state < accepting.length; state++) {
            accepting[state] = subsets.get(state).stream().anyMatch(accepts);
        }
        return trim(steps, accepting);
    }

    private static <S> Steps stepsOf(
            List<Edge<S>> outgoing, Map<Set<S>, Integer> numbers, List<Set<S>> subsets) {
        int[] borders = borders(outgoing);
        List<Set<S>> targetsFrom = new ArrayList<>(Collections.nCopies(borders.length, null));
        for (Edge<S> edge : outgoing) {
            for (CodePointSet.Range range : edge.symbols.ranges()) {
                int interval = Arrays.binarySearch(borders, range.low());
                for (; borders[interval] <= range.high(); interval++) {
                    if (targetsFrom.get(interval) == null) {
                        targetsFrom.set(interval, new HashSet<>());
                    }
                    targetsFrom.get(interval).add(edge.target);
                }
            }
        }
        StepsBuilder builder = new StepsBuilder();
        for (int interval = 0; interval < borders.length; interval++) {
            Set<S> targets = targetsFrom.get(interval);
            if (targets == null) {
                continue;
            }
            Integer number = numbers.putIfAbsent(targets, subsets.size());
            if (number == null) {
                number = subsets.size();
                subsets.add(targets);
            }
            builder.add(borders[interval], borders[interval + 1] - 1, number);
        }
        return builder.build();
    }

    /** Where the symbols begin to lead elsewhere, ascending; each range ends before one, too. */
    private static <S> int[] borders(List<Edge<S>> outgoing) {
        int[] borders = new int[16];
        int count = 0;
        for (Edge<S> edge : outgoing) {
            for (CodePointSet.Range range : edge.symbols.ranges()) {
                if (count + 2 > borders.length) {
                    borders = Arrays.copyOf(borders, count * 2);
                }
                borders[count++] = range.low();
                borders[count++] = range.high() + 1;
            }
        }
        Arrays.sort(borders, 0, count);
        int distinct = 0;
        for (int i = 0; i < count; i++) {
            if (i == 0 || borders[i] != borders[i - 1]) {
                borders[distinct++] = borders[i];
            }
        }
        return Arrays.copyOf(borders, distinct);
    }

    private static Dfa trim(List<Steps> steps, boolean[] accepting) {
        int[] distance = distances(steps, accepting);
        if (distance[0] < 0) {
            return null;
        }
        int[] renumbered = new int[accepting.length];
        int kept = 0;
        for (int state = 0; state < accepting.length; state++) {
            renumbered[state] = distance[state] < 0 ? -1 : kept++;
        }
        Steps[] keptSteps = new Steps[kept];
        boolean[] keptAccepting = new boolean[kept];
        int[] keptDistance = new int[kept];
        for (int state = 0; state < accepting.length; state++) {
            if (renumbered[state] < 0) {
                continue;
            }
            StepsBuilder builder = new StepsBuilder();
            Steps old = steps.get(state);
            for (int i = 0; i < old.lows.length; i++) {
                if (renumbered[old.targets[i]] >= 0) {
                    builder.add(old.lows[i], old.highs[i], renumbered[old.targets[i]]);
                }
            }
            keptSteps[renumbered[state]] = builder.build();
            keptAccepting[renumbered[state]] = accepting[state];
            keptDistance[renumbered[state]] = distance[state];
        }
        return new Dfa(keptSteps, keptAccepting, keptDistance);
    }

    /** The least number of symbols to an accepting state; -1 where there is none. */
    private static int[] distances(List<Steps> steps, boolean[] accepting) {
        List<List<Integer>> sources = new ArrayList<>();
        steps.forEach(step -> sources.add(new ArrayList<>()));
        int[] distance = new int[accepting.length];
        List<Integer> queue = new ArrayList<>();
        for (int state = 0; state < accepting.length; state++) {
            for (int target : steps.get(state).targets) {
                sources.get(target).add(state);
            }
            distance[state] = accepting[state] ? 0 : -1;
            if (accepting[state]) {
                queue.add(state);
            }
        }
        for (int head = 0; head < queue.size(); head++) {
            int state = queue.get(head);
            for (int source : sources.get(state)) {
                if (distance[source] < 0) {
                    distance[source] = distance[state] + 1;
                    queue.add(source);
                }
            }
        }
        return distance;
    }

    /** The words of both automata; null when there is none. */
    Dfa intersect(Dfa other) {
        record Pair(int left, int right) {}
        return determinize(
                Set.of(new Pair(0, 0)),
                pair -> {
                    List<Edge<Pair>> edges = new ArrayList<>();
                    Steps left = steps[pair.left];
                    Steps right = other.steps[pair.right];
                    for (int i = 0; i < left.lows.length; i++) {
                        for (int j = 0; j < right.lows.length; j++) {
                            int low = Math.max(left.lows[i], right.lows[j]);
                            int high = Math.min(left.highs[i], right.highs[j]);
                            if (low <= high) {
                                edges.add(
                                        new Edge<>(
                                                CodePointSet.range(low, high),
                                                new Pair(left.targets[i], right.targets[j])));
                            }
                        }
                    }
                    return edges;
                },
                pair -> accepting[pair.left] && other.accepting[pair.right]);
    }

    /** For each state, the lengths up to {@code longest} of the words that lead to acceptance. */
    BitSet[] wordLengths(int longest) {
        BitSet[] lengths = new BitSet[steps.length];
        for (int state = 0; state < steps.length; state++) {
            lengths[state] = new BitSet();
            lengths[state].set(0, accepting[state]);
        }
        boolean any = true;
        for (int length = 1; length <= longest && any; length++) {
            // Where no word has this length, none is longer by one.
            any = false;
            for (int state = 0; state < steps.length; state++) {
                for (int target : steps[state].targets) {
                    if (lengths[target].get(length - 1)) {
                        lengths[state].set(length);
                        any = true;
                        break;
                    }
                }
            }
        }
        return lengths;
    }

    int size() {
        return steps.length;
    }

    boolean accepting(int state) {
        return accepting[state];
    }

    Steps steps(int state) {
        return steps[state];
    }

    /** The least number of symbols from a state to acceptance. */
    int distance(int state) {
        return distance[state];
    }

    /** The next state; -1 when there is none. */
    int next(int state, int symbol) {
        Steps from = steps[state];
        int index = Arrays.binarySearch(from.lows, symbol);
        if (index < 0) {
            index = -index - 2;
        }
        return index >= 0 && symbol <= from.highs[index] ? from.targets[index] : -1;
    }

    boolean matches(int[] word) {
        int state = 0;
        for (int symbol : word) {
            state = next(state, symbol);
            if (state < 0) {
                return false;
            }
        }
        return accepting[state];
    }

    /** Collects ascending ranges and joins those that touch and lead to the same state. */
    private static final class StepsBuilder {
        private final List<int[]> ranges = new ArrayList<>();

        void add(int low, int high, int target) {
            int[] last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
            if (last != null && last[1] + 1 == low && last[2] == target) {
                last[1] = high;
            } else {
                ranges.add(new int[] {low, high, target});
            }
        }

        Steps build() {
            return new Steps(column(0), column(1), column(2));
        }

        private int[] column(int index) {
            return ranges.stream().mapToInt(range -> range[index]).toArray();
        }
    }
}
