package io.headrace.inference.constraint;

/**
 * How much a single token can use up of a counter.
 *
 * @param bytes the length of the longest token
 * @param items the most array items that one token can begin: its runs of commas
 */
record TokenReach(int bytes, int items) {

    static TokenReach of(TokenVocabulary vocabulary) {
        int bytes = 1;
        int items = 1;
        for (int token = 0; token < vocabulary.size(); token++) {
            if (vocabulary.isControl(token)) {
                continue;
            }
            byte[] text = vocabulary.bytes(token);
            bytes = Math.max(bytes, text.length);
            int runs = 0;
            for (int i = 0; i < text.length; i++) {
                if (text[i] == ',' && (i == 0 || text[i - 1] != ',')) {
                    runs++;
                }
            }
            items = Math.max(items, runs);
        }
        return new TokenReach(bytes, items);
    }
}
