package io.headrace.inference.remote;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.List;

/**
 * The probability of the label that a model chose, over the labels.
 *
 * <p>At each token of the label's text the server names the most probable tokens. Those that begin
 * or continue some label are the choice there was; the share of the chosen one among them, taken
 * over all tokens of the label, is the probability. It is that of the local engine's walk through
 * the labels' tokens along the one path that the server shows, so other labels get none. Servers
 * may count before or after they mask what the schema forbids: tokens outside the labels are left
 * out, so both give the same. Where several labels may follow and the chosen one's token is less
 * probable than all that are shown, as with a server that counts before it masks and a model that
 * wanted to say something else, nothing is known of the share: there is no probability.
 */
final class LabelProbability {

    private static final String KEY = "\"" + AnswerForm.LABEL + "\"";

    private final String answer;
    private final int start;
    private final String chosen;
    private final List<String> labels;
    private final double temperature;

    private LabelProbability(
            String answer, int start, String chosen, List<String> labels, double temperature) {
        this.answer = answer;
        this.start = start;
        this.chosen = written(chosen);
        this.labels = labels.stream().map(LabelProbability::written).toList();
        this.temperature = temperature;
    }

    /** A label as it stands in JSON, up to the quote that ends it. */
    private static String written(String label) {
        return new String(JsonStringEncoder.getInstance().quoteAsString(label)) + "\"";
    }

    /**
     * Returns the probability, or NaN where the reply does not give it.
     *
     * @param labels all labels, the chosen one among them
     * @param temperature divides the log-probabilities; 1 leaves them as they are
     */
    static double of(Reply reply, String chosen, List<String> labels, double temperature) {
        StringBuilder text = new StringBuilder();
        reply.tokens().forEach(token -> text.append(token.chosen().text()));
        String answer = text.toString();
        int key = answer.indexOf(KEY);
        int quote = key < 0 ? -1 : answer.indexOf('"', key + KEY.length());
        if (quote < 0 || !answer.startsWith(written(chosen), quote + 1)) {
            return Double.NaN;
        }
        return new LabelProbability(answer, quote + 1, chosen, labels, temperature)
                .along(reply.tokens());
    }

    private double along(List<Reply.Token> tokens) {
        int end = start + chosen.length();
        int position = 0;
        double probability = 1;
        for (Reply.Token token : tokens) {
            int next = position + token.chosen().text().length();
            if (next > start && position < end) {
                probability *= share(token, answer.substring(0, position));
            }
            position = next;
        }
        return probability;
    }

    /** The chosen label's share of what continues any label at this place. */
    private double share(Reply.Token token, String before) {
        if (isOpen(before) && isBelowAll(token)) {
            return Double.NaN;
        }
        double mine = weight(token.chosen());
        double all = mine;
        for (Reply.Alternative alternative : token.top()) {
            if (alternative.text().equals(token.chosen().text())) {
                continue;
            }
            String text = before + alternative.text();
            long leadsTo = labels.stream().filter(label -> continues(text, label)).count();
            if (leadsTo > 0) {
                all += weight(alternative);
            }
            if (leadsTo == 1 && continues(text, chosen)) {
                mine += weight(alternative); // Another way to write the same label.
            }
        }
        return token.top().isEmpty() ? mine : mine / all;
    }

    /** Whether more than one label may follow. */
    private boolean isOpen(String before) {
        String begun = before.length() <= start ? "" : before.substring(start);
        return labels.stream().filter(label -> label.startsWith(begun)).count() > 1;
    }

    private static boolean isBelowAll(Reply.Token token) {
        return !token.top().isEmpty()
                && token.top().stream()
                        .allMatch(top -> top.logProbability() > token.chosen().logProbability());
    }

    private boolean continues(String text, String label) {
        String whole = answer.substring(0, start) + label;
        return whole.startsWith(text) || (text.startsWith(whole) && text.length() > start);
    }

    private double weight(Reply.Alternative alternative) {
        return Math.exp(alternative.logProbability() / temperature);
    }
}
