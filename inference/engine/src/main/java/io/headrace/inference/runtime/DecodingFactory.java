package io.headrace.inference.runtime;

import io.headrace.inference.Output;
import io.headrace.inference.constraint.IndexedVocabulary;
import io.headrace.inference.constraint.JsonConstraint;
import io.headrace.inference.constraint.TokenVocabulary;
import io.headrace.inference.constraint.UnsupportedSchemaException;
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

    private final Vocabulary vocabulary;
    private final int longestLabel;
    private final int draftTokens;
    private final int[] endOfTurn;
    private final boolean[] endsTurn;
    private final Map<List<String>, LabelTrie> tries = leastRecentlyUsed(64);
    private final Map<String, JsonConstraint> constraints = leastRecentlyUsed(64);
    private TokenVocabulary indexed;

    /**
     * @param longestLabel the most tokens of a label that fit through one step
     * @param draftTokens the most tokens that an output guesses for a step
     */
    DecodingFactory(Vocabulary vocabulary, int longestLabel, int draftTokens) {
        this.longestLabel = longestLabel;
        this.draftTokens = draftTokens;
        this.vocabulary = vocabulary;
        this.endOfTurn = vocabulary.endOfTurn();
        this.endsTurn = new boolean[vocabulary.size()];
        for (int token : endOfTurn) {
            endsTurn[token] = true;
        }
    }

    Decoding create(Output output, PromptTokens prompt) throws RejectedException {
        if (output instanceof Output.Labels labels) {
            return new LabelDecoding(trie(labels.labels()), endOfTurn, labels.temperature());
        }
        Drafts drafts = new Drafts(prompt, vocabulary, draftTokens);
        if (output instanceof Output.Text text) {
            return new TextDecoding(text, vocabulary, endsTurn, drafts);
        }
        Output.Json json = (Output.Json) output;
        return new JsonDecoding(json, constraint(json.schema()), vocabulary, endOfTurn, drafts);
    }

    private JsonConstraint constraint(String schema) throws RejectedException {
        JsonConstraint known = constraints.get(schema);
        if (known != null) {
            return known;
        }
        try {
            JsonConstraint compiled = JsonConstraint.compile(schema, indexedVocabulary());
            constraints.put(schema, compiled);
            return compiled;
        } catch (UnsupportedSchemaException e) {
            throw new RejectedException("the JSON schema is not supported: " + e.getMessage());
        }
    }

    /** Indexing takes a while with large vocabularies, so it waits for the first schema. */
    private synchronized TokenVocabulary indexedVocabulary() {
        if (indexed == null) {
            indexed = IndexedVocabulary.of(vocabulary);
        }
        return indexed;
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
            if (split.length > longestLabel) {
                throw new RejectedException(
                        "a label has "
                                + split.length
                                + " tokens, but a step has room for "
                                + longestLabel);
            }
            tokens.add(split);
        }
        LabelTrie trie = LabelTrie.of(tokens);
        tries.put(labels, trie);
        return trie;
    }

    private static <K, V> Map<K, V> leastRecentlyUsed(int most) {
        return Collections.synchronizedMap(
                new LinkedHashMap<>(16, 0.75f, true) {
                    private static final long serialVersionUID = 1;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                        return size() > most;
                    }
                });
    }
}
