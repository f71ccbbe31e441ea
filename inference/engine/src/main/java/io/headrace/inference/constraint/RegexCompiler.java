package io.headrace.inference.constraint;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Turns a {@link Regex} into a {@link Dfa}: Thompson's construction, then subsets. */
final class RegexCompiler {

    private static final int MAX_NODES = 200_000;

    private final List<List<Dfa.Edge<Integer>>> edges = new ArrayList<>();
    private final List<List<Integer>> silent = new ArrayList<>();

    private RegexCompiler() {}

    /**
     * The automaton of an expression.
     *
     * @return null when the expression matches nothing
     * @throws IllegalArgumentException when the expression is too large
     */
    static Dfa compile(Regex regex) {
        RegexCompiler compiler = new RegexCompiler();
        int start = compiler.node();
        int end = compiler.add(regex, start);
        return Dfa.determinize(compiler.closure(start), compiler::edgesOf, node -> node == end);
    }

    private int node() {
        if (edges.size() >= MAX_NODES) {
            throw new IllegalArgumentException("the expression is too large");
        }
        edges.add(new ArrayList<>());
        silent.add(new ArrayList<>());
        return edges.size() - 1;
    }

    /** Adds nodes for a part that begins at a node, and returns the node where it ends. */
    private int add(Regex regex, int from) {
        if (regex instanceof Regex.Symbol symbol) {
            int to = node();
            edges.get(from).add(new Dfa.Edge<>(symbol.set(), to));
            return to;
        }
        if (regex instanceof Regex.Sequence sequence) {
            int at = from;
            for (Regex part : sequence.parts()) {
                at = add(part, at);
            }
            return at;
        }
        if (regex instanceof Regex.Choice choice) {
            int to = node();
            for (Regex option : choice.options()) {
                int begin = node();
                silent.get(from).add(begin);
                silent.get(add(option, begin)).add(to);
            }
            return to;
        }
        return addRepeat((Regex.Repeat) regex, from);
    }

    private int addRepeat(Regex.Repeat repeat, int from) {
        int at = from;
        for (int i = 0; i < repeat.least(); i++) {
            at = add(repeat.part(), at);
        }
        int to = node();
        silent.get(at).add(to);
        if (repeat.most() < 0) {
            int begin = node();
            silent.get(at).add(begin);
            int end = add(repeat.part(), begin);
            silent.get(end).add(begin);
            silent.get(end).add(to);
            return to;
        }
        for (int i = repeat.least(); i < repeat.most(); i++) {
            int begin = node();
            silent.get(at).add(begin);
            at = add(repeat.part(), begin);
            silent.get(at).add(to);
        }
        return to;
    }

    /**
     * The steps of a node. A step leads to the closure of its target, so there is one edge for each
     * member.
     */
    private List<Dfa.Edge<Integer>> edgesOf(int node) {
        List<Dfa.Edge<Integer>> closed = new ArrayList<>();
        for (Dfa.Edge<Integer> edge : edges.get(node)) {
            for (int member : closure(edge.target())) {
                closed.add(new Dfa.Edge<>(edge.symbols(), member));
            }
        }
        return closed;
    }

    private Set<Integer> closure(int node) {
        Set<Integer> seen = new HashSet<>();
        List<Integer> queue = new ArrayList<>(List.of(node));
        while (!queue.isEmpty()) {
            int next = queue.remove(queue.size() - 1);
            if (seen.add(next)) {
                queue.addAll(silent.get(next));
            }
        }
        // Only nodes with steps, and the end, matter; the others would tell equal subsets apart.
        seen.removeIf(member -> edges.get(member).isEmpty() && !silent.get(member).isEmpty());
        return seen;
    }
}
