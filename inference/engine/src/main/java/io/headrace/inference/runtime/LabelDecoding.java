package io.headrace.inference.runtime;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Usage;
import io.headrace.inference.logits.LogitRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Scores labels: the probability of a label is that of an answer which begins with it, the product
 * of the conditional probabilities of its tokens, normalised over the label set. A label that other
 * labels begin with counts with the end of the turn after it. So all labels stand for answers that
 * exclude each other, and the last token of most labels need not be computed. What a model would
 * say behind a label (a full stop, an explanation) is no matter, as in the usual harnesses for
 * multiple choice.
 *
 * <p>The trie is computed from the most probable branches on. What the model gives to the tokens
 * read so far bounds what any label behind them can have, so branches are left out when all of them
 * together cannot hold more than {@link #NEGLIGIBLE} of the mass; their labels then share that
 * bound. Everything else is exact.
 *
 * <p>Long labels are not favoured or punished beyond what the model itself says: probabilities are
 * those of the whole texts. A model that has seen the labels gives one of them nearly all of the
 * mass, and length does not matter; one that has not prefers short and common texts.
 */
final class LabelDecoding implements Decoding {

    /**
     * The most mass that branches may hold together and still be left out. Of 77 labels a millionth
     * takes twice the rows.
     */
    static final double NEGLIGIBLE = 1e-4;

    /** Branches this much less probable than the best wait until the best is known to the end. */
    private static final double LATER = Math.log(1e-3);

    private static final int COMFORTABLE_ROWS = 64;

    private final LabelTrie trie;
    private final int[] endOfTurn;
    private final double temperature;

    /** Log-probability of the text up to a node; NaN until its parent's logits are read. */
    private final double[] reached;

    /**
     * Log-probability of the end of the turn after a node; NaN until its logits are read. 0 where
     * no label goes on, which nothing need be read for.
     */
    private final double[] ended;

    private int[] demanded = new int[0];
    private int computedNodes;
    private boolean done;

    /**
     * @param temperature divides the labels' log-probabilities before they are normalised; 1 leaves
     *     them as the model gives them
     */
    LabelDecoding(LabelTrie trie, int[] endOfTurn, double temperature) {
        this.trie = trie;
        this.endOfTurn = endOfTurn;
        this.temperature = temperature;
        this.reached = new double[trie.size()];
        this.ended = new double[trie.size()];
        Arrays.fill(reached, Double.NaN);
        for (int node = 0; node < ended.length; node++) {
            ended[node] = trie.children(node).length == 0 ? 0 : Double.NaN;
        }
    }

    @Override
    public void begin(Logits logits) {
        readChildren(-1, 0, logits.row(0));
        done = negligible(openLabels());
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public Demand demand(Allowance allowance) {
        List<Integer> open = openLabels();
        open.sort(Comparator.comparingDouble((Integer label) -> -bound(label)));
        double from = bound(open.get(0)) + LATER;
        double best = bestKnown();
        double[] rest = restMass(open, best);
        double negligible = NEGLIGIBLE * knownMass(best);
        boolean[] chosen = new boolean[trie.size()];
        int rows = 0;
        int outputs = 0;
        int leaves = 0;
        for (int place = 0; place < open.size(); place++) {
            int label = open.get(place);
            boolean later =
                    Double.isInfinite(best) ? bound(label) < from : rest[place] <= negligible;
            if (later) {
                break;
            }
            int last = lastRow(label);
            int newRows = 0;
            int newOutputs = 0;
            for (int node = last; node >= 0 && !chosen[node]; ) {
                newRows++;
                newOutputs += Double.isNaN(ended[node]) ? 1 : 0;
                node = trie.parent(node);
            }
            boolean fits =
                    rows + newRows <= allowance.rows()
                            && outputs + newOutputs <= allowance.outputs()
                            && leaves + Math.min(newRows, 1) <= allowance.leaves();
            if (!fits) {
                break;
            }
            for (int node = last; node >= 0 && !chosen[node]; ) {
                chosen[node] = true;
                node = trie.parent(node);
            }
            rows += newRows;
            outputs += newOutputs;
            leaves += Math.min(newRows, 1);
        }
        return rows == 0 ? null : tree(chosen, rows);
    }

    /** Returns the last node of a label whose logits are of use. */
    private int lastRow(int label) {
        int node = trie.lastNode(label);
        return trie.children(node).length == 0 ? trie.parent(node) : node;
    }

    private Demand tree(boolean[] chosen, int rows) {
        demanded = IntStream.range(0, chosen.length).filter(node -> chosen[node]).toArray();
        int[] places = new int[trie.size()];
        int[] tokens = new int[rows];
        int[] parents = new int[rows];
        boolean[] outputs = new boolean[rows];
        for (int place = 0; place < rows; place++) {
            int node = demanded[place];
            places[node] = place;
            tokens[place] = trie.token(node);
            parents[place] = trie.parent(node) < 0 ? -1 : places[trie.parent(node)];
            outputs[place] = Double.isNaN(ended[node]);
        }
        computedNodes += rows;
        return new Demand.Score(tokens, parents, outputs);
    }

    @Override
    public int accept(Logits logits) {
        int output = 0;
        for (int node : demanded) {
            if (Double.isNaN(ended[node])) {
                readChildren(node, reached[node], logits.row(output++));
            }
        }
        done = negligible(openLabels());
        return 0;
    }

    private void readChildren(int node, double before, LogitRow row) {
        double total = row.logSumExp();
        for (int child : trie.children(node)) {
            reached[child] = before + row.at(trie.token(child)) - total;
        }
        if (node >= 0) {
            double end = 0;
            for (int token : endOfTurn) {
                end += Math.exp(row.at(token) - total);
            }
            ended[node] = Math.log(end);
        }
    }

    private List<Integer> openLabels() {
        List<Integer> open = new ArrayList<>();
        for (int label = 0; label < trie.labels(); label++) {
            if (Double.isNaN(known(label))) {
                open.add(label);
            }
        }
        return open;
    }

    /** Returns whether these labels together cannot hold more than the negligible mass. */
    private boolean negligible(List<Integer> labels) {
        double best = bestKnown();
        return labels.isEmpty()
                || (!Double.isInfinite(best)
                        && restMass(labels, best)[0] <= NEGLIGIBLE * knownMass(best));
    }

    /** Returns the largest tempered log-probability of a label scored to its end. */
    private double bestKnown() {
        double best = Double.NEGATIVE_INFINITY;
        for (int label = 0; label < trie.labels(); label++) {
            double known = known(label);
            best = Double.isNaN(known) ? best : Math.max(best, known);
        }
        return best;
    }

    /** Returns the mass of the labels scored to their ends, in units of the best. */
    private double knownMass(double best) {
        double mass = 0;
        for (int label = 0; label < trie.labels(); label++) {
            double known = known(label);
            mass += Double.isNaN(known) ? 0 : Math.exp(known - best);
        }
        return mass;
    }

    /** Returns for each place the most mass that the labels from there on can hold together. */
    private double[] restMass(List<Integer> labels, double best) {
        double[] rest = new double[labels.size()];
        double sum = 0;
        for (int place = labels.size() - 1; place >= 0; place--) {
            sum += Math.exp(bound(labels.get(place)) / temperature - best);
            rest[place] = sum;
        }
        return rest;
    }

    private double known(int label) {
        int node = trie.lastNode(label);
        return (reached[node] + ended[node]) / temperature;
    }

    /** Returns the log-probability of the longest known part of a label, which bounds its own. */
    private double bound(int label) {
        int node = trie.lastNode(label);
        while (Double.isNaN(reached[node])) {
            node = trie.parent(node);
        }
        boolean whole = node == trie.lastNode(label) && !Double.isNaN(ended[node]);
        return reached[node] + (whole ? ended[node] : 0);
    }

    @Override
    public int cellsToCome() {
        return Math.max(trie.longestPath(), Math.min(trie.size(), COMFORTABLE_ROWS));
    }

    @Override
    public int outputTokens() {
        return computedNodes;
    }

    @Override
    public InferenceResult result(Usage usage) {
        double[] weights = new double[trie.labels()];
        double best = Double.NEGATIVE_INFINITY;
        for (int label = 0; label < weights.length; label++) {
            weights[label] = bound(label) / temperature;
            best = Math.max(best, weights[label]);
        }
        double sum = 0;
        for (int label = 0; label < weights.length; label++) {
            weights[label] = Math.exp(weights[label] - best);
            sum += weights[label];
        }
        if (Double.isNaN(sum) || sum == 0) {
            return new InferenceResult.Failed("the model gave logits that are not numbers");
        }
        double total = sum;
        return new InferenceResult.Scores(
                Arrays.stream(weights).mapToObj(weight -> weight / total).toList(), usage);
    }
}
