package io.headrace.inference.constraint;

import io.headrace.inference.logits.ArrayRow;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Times the constraint with a synthetic vocabulary of 128k tokens and prints medians of processor
 * time, which other work on the machine disturbs less than the clock. Not a test; run it after
 * {@code mvn test-compile}:
 *
 * <pre>{@code
 * mvn -q -B exec:java -pl inference/engine -Dexec.classpathScope=test \
 *     -Dexec.mainClass=io.headrace.inference.constraint.MaskBenchmark
 * }</pre>
 */
final class MaskBenchmark {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int TOKENS = 128_256;
    private static final int ROUNDS = 15;

    private static final String SCHEMA =
            """
            {"type": "object",
             "properties": {
               "name": {"type": ["string", "null"], "x-headrace-span": true},
               "title": {"type": "string"},
               "code": {"type": "string", "maxLength": 12},
               "reference": {"type": "string", "pattern": "^[A-Z]{2}\\\\d{6}$"},
               "amount": {"type": ["number", "null"], "minimum": 0, "maximum": 100000},
               "words": {"type": "string", "pattern": "^\\\\S+( \\\\S+)*$"},
               "count": {"type": "integer", "minimum": 1, "maximum": 500},
               "day": {"type": "string", "format": "date"},
               "mail": {"type": ["string", "null"], "format": "email"},
               "kind": {"enum": ["card_arrival", "card_lost", "refund", "other"]},
               "tags": {"type": "array", "items": {"type": "string", "maxLength": 20}, "maxItems": 5}},
             "required": ["name", "title", "code", "reference", "amount", "words", "count", "day", "mail",
                          "kind", "tags"]}
            """;

    private static final Map<String, String> STATES = new LinkedHashMap<>();

    static {
        String text = "{\"name\":";
        STATES.put("span or null", text);
        STATES.put("span, at its start", text + "\"");
        STATES.put("span, inside", text + "\"On");
        text += "null,\"title\":\"";
        STATES.put("free string, far from its limit", text);
        STATES.put("free string, near its limit", text + "t".repeat(226));
        STATES.put("free string, after a backslash", text + "\\");
        text += "t\",\"code\":\"";
        STATES.put("string of 12, at its start", text);
        STATES.put("string of 12, 4 left", text + "abcdefgh");
        text += "t\",\"reference\":\"";
        STATES.put("pattern", text);
        text += "AB123456\",\"amount\":";
        STATES.put("number or null", text);
        STATES.put("number, inside", text + "12");
        text += "12,\"words\":\"";
        STATES.put("pattern that allows most, at its start", text);
        STATES.put("pattern that allows most, inside", text + "a b");
        text += "a\",\"count\":";
        STATES.put("integer", text);
        text += "7,\"day\":\"";
        STATES.put("date", text);
        text += "2024-02-29\",\"mail\":";
        STATES.put("e-mail or null", text);
        STATES.put("e-mail, inside", text + "\"joe");
        text += "null,\"kind\":\"";
        STATES.put("enum", text);
        text += "refund\",\"tags\":[";
        STATES.put("array of strings", text);
        STATES.put("array of strings, inside an item", text + "\"a\",\"b");
    }

    private MaskBenchmark() {}

    public static void main(String[] arguments) {
        long begin = THREADS.getCurrentThreadCpuTime();
        TokenVocabulary raw = Vocabularies.large(TOKENS, 7);
        print("vocabulary made", THREADS.getCurrentThreadCpuTime() - begin);
        begin = THREADS.getCurrentThreadCpuTime();
        IndexedVocabulary vocabulary = IndexedVocabulary.of(raw);
        print(
                "trie of " + vocabulary.trie().size() + " nodes",
                THREADS.getCurrentThreadCpuTime() - begin);
        String source = record();
        long[] compile = new long[ROUNDS];
        long[] start = new long[ROUNDS];
        Map<String, long[]> cold = new LinkedHashMap<>();
        Map<String, long[]> cached = new LinkedHashMap<>();
        long[] walk = new long[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            begin = THREADS.getCurrentThreadCpuTime();
            JsonConstraint constraint = JsonConstraint.compile(SCHEMA, vocabulary);
            compile[round] = THREADS.getCurrentThreadCpuTime() - begin;
            begin = THREADS.getCurrentThreadCpuTime();
            ConstraintState first = constraint.start(source);
            start[round] = THREADS.getCurrentThreadCpuTime() - begin;
            begin = THREADS.getCurrentThreadCpuTime();
            first.acceptText(lastText());
            walk[round] = THREADS.getCurrentThreadCpuTime() - begin;
            for (Map.Entry<String, String> state : STATES.entrySet()) {
                time(first, state.getKey(), state.getValue(), round, cold);
                time(first, state.getKey(), state.getValue(), round, cached);
            }
        }
        print("compile", median(compile));
        print("start with a record of " + source.length() + " characters", median(start));
        print("accept " + lastText().length() + " bytes", median(walk));
        List<Long> colds = new ArrayList<>();
        List<Long> warms = new ArrayList<>();
        for (String name : STATES.keySet()) {
            colds.add(median(cold.get(name)));
            warms.add(median(cached.get(name)));
            System.out.printf(
                    "%-40s new %8.1f us   again %7.2f us%n",
                    name, median(cold.get(name)) / 1e3, median(cached.get(name)) / 1e3);
        }
        print("median of new states", median(toArray(colds)));
        print("median of states met again", median(toArray(warms)));
        forced(vocabulary, source);
    }

    private static void forced(IndexedVocabulary vocabulary, String source) {
        ConstraintState first = JsonConstraint.compile(SCHEMA, vocabulary).start(source);
        long[] forced = new long[1001];
        for (int i = 0; i < forced.length; i++) {
            ConstraintState state = first.acceptText("{\"name\":null");
            long begin = THREADS.getCurrentThreadCpuTime();
            state.forcedText();
            forced[i] = THREADS.getCurrentThreadCpuTime() - begin;
        }
        print("forced text of 10 characters", median(forced));
        float[] logits = new float[vocabulary.size()];
        Random random = new Random(1);
        for (int i = 0; i < logits.length; i++) {
            logits[i] = random.nextFloat();
        }
        TokenMask mask = first.acceptText("{\"name\":null,\"title\":\"").mask();
        long[] argmax = new long[1001];
        for (int i = 0; i < argmax.length; i++) {
            long begin = THREADS.getCurrentThreadCpuTime();
            mask.argmax(new ArrayRow(logits));
            argmax[i] = THREADS.getCurrentThreadCpuTime() - begin;
        }
        print("argmax over " + mask.cardinality() + " allowed tokens", median(argmax));
    }

    private static void time(
            ConstraintState first, String name, String text, int round, Map<String, long[]> times) {
        ConstraintState state = first.acceptText(text);
        long begin = THREADS.getCurrentThreadCpuTime();
        state.mask();
        times.computeIfAbsent(name, key -> new long[ROUNDS])[round] =
                THREADS.getCurrentThreadCpuTime() - begin;
    }

    private static String lastText() {
        String last = "";
        for (String text : STATES.values()) {
            last = text;
        }
        return last;
    }

    private static String record() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            text.append("On Monday Ms. O'Neil paid €45.50 for her \"new\" card, number ")
                    .append(i * 7919)
                    .append(".\n");
        }
        return text.toString();
    }

    private static long[] toArray(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    private static long median(long[] values) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static void print(String what, long nanos) {
        System.out.printf("%-50s %10.1f us%n", what, nanos / 1e3);
    }
}
