package io.headrace.inference.runtime;

import io.headrace.inference.Output;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the decoding of each request. Thread-safe. */
final class DecodingFactory {

    /** The output cannot be given; the message is the reason of a rejection. */
    static final class RejectedException extends Exception {
        private static final long serialVersionUID = 1;

        RejectedException(String message) {
            super(message);
        }
    }

    private static final int REMEMBERED_TRIES = 64;

    private final Vocabulary vocabulary;
    private final int[] endOfTurn;
    private final boolean[] endsTurn;
    private final Map<List<String>, LabelTrie> tries =
            Collections.synchronizedMap(
                    new LinkedHashMap<>(16, 0.75f, true) {
                        private static final long serialVersionUID = 1;

                        @Override
                        protected boolean removeEldestEntry(
                                Map.Entry<List<String>, LabelTrie> eldest) {
                            return size() > REMEMBERED_TRIES;
                        }
                    });

    DecodingFactory(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        this.endOfTurn = vocabulary.endOfTurn();
        this.endsTurn = new boolean[vocabulary.size()];
        for (int token : endOfTurn) {
            endsTurn[token] = true;
        }
    }

    Decoding create(Output output) throws RejectedException {
        if (output instanceof Output.Labels labels) {
            return new LabelDecoding(trie(labels.labels()), endOfTurn, vocabulary.size(), 1);
        }
        if (output instanceof Output.Text text) {
            return new TextDecoding(text, vocabulary, endsTurn);
        }
        throw new RejectedException("this engine cannot constrain its output to a JSON schema yet");
    }

    private LabelTrie trie(List<String> labels) throws RejectedException {
        LabelTrie known = tries.get(labels);
        if (known != null) {
            return known;
        }
        List<int[]> tokens = new ArrayList<>();
        for (String label : labels) {
            int[] split = vocabulary.tokenize(label);
            if (split.length == 0) {
                throw new RejectedException("the label '" + label + "' has no tokens");
            }
            tokens.add(split);
        }
        LabelTrie trie = LabelTrie.of(tokens);
        tries.put(labels, trie);
        return trie;
    }
}
