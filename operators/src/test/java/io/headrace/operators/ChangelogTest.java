package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Usage;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.TaskResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A changelog of rows of key, revision and text on a local cluster whose job fails on the way. */
@Timeout(180)
class ChangelogTest {

    private static final int KEYS = 1_000;
    private static final int CHANGES = 10_000;

    /** Changes at which the job fails, once each. */
    private static final List<Integer> FAILURES = List.of(2_500, 5_100, 8_800);

    private static final AtomicInteger FAILED = new AtomicInteger();
    private static final AtomicLong ASKED = new AtomicLong();
    private static List<Row> changes;

    @BeforeEach
    void reset() {
        FAILED.set(0);
        ASKED.set(0);
        changes = changes(new SplittableRandom(20_261_121));
    }

    /** Inserts, updates of the text, updates of the revision alone, and deletions. */
    private static List<Row> changes(SplittableRandom random) {
        List<Row> changes = new ArrayList<>();
        Map<Integer, Row> table = new HashMap<>();
        while (changes.size() < CHANGES) {
            int key = random.nextInt(KEYS);
            Row old = table.get(key);
            int revision = changes.size();
            if (old == null) {
                add(changes, table, RowKind.INSERT, key, revision, "text " + random.nextInt(50));
            } else if (random.nextInt(4) == 0) {
                changes.add(as(RowKind.DELETE, old));
                table.remove(key);
            } else {
                String text =
                        random.nextBoolean()
                                ? old.<String>getFieldAs(2)
                                : random.nextInt(20) == 0 ? "refuse" : "text " + random.nextInt(50);
                changes.add(as(RowKind.UPDATE_BEFORE, old));
                add(changes, table, RowKind.UPDATE_AFTER, key, revision, text);
            }
        }
        return changes;
    }

    private static void add(
            List<Row> changes,
            Map<Integer, Row> table,
            RowKind kind,
            int key,
            int rev,
            String text) {
        Row row = Row.ofKind(kind, key, rev, text);
        changes.add(row);
        table.put(key, row);
    }

    private static Row as(RowKind kind, Row row) {
        Row copy = Row.copy(row);
        copy.setKind(kind);
        return copy;
    }

    @Test
    void endsInTheTableThatTheFinalInputGivesAndEachRetractionEqualsAnEarlierEmission()
            throws Exception {
        Map<Integer, Row> finalInput = new HashMap<>();
        for (Row change : changes) {
            if (change.getKind() == RowKind.INSERT || change.getKind() == RowKind.UPDATE_AFTER) {
                finalInput.put(change.getFieldAs(0), change);
            } else {
                finalInput.remove(change.<Integer>getFieldAs(0));
            }
        }
        Map<Integer, String> expected = new HashMap<>();
        finalInput.forEach(
                (key, row) -> {
                    if (!row.getField(2).equals("refuse")) {
                        expected.put(key, row.getField(1) + " " + labelOf(row.getFieldAs(2)));
                    }
                });

        List<Enriched<Row>> emitted = run(true);

        assertThat(FAILED).hasValue(FAILURES.size());
        Map<Integer, Enriched<Row>> table = new HashMap<>();
        for (Enriched<Row> change : emitted) {
            Integer key = change.record().getFieldAs(0);
            if (takesBack(change)) {
                Enriched<Row> earlier = table.remove(key);
                assertThat(earlier).isNotNull();
                assertThat(change.results()).isEqualTo(earlier.results());
                assertThat(change.record().getField(1)).isEqualTo(earlier.record().getField(1));
                assertThat(change.record().getField(2)).isEqualTo(earlier.record().getField(2));
            } else {
                assertThat(table.put(key, change)).isNull();
            }
        }
        Map<Integer, String> ended = new HashMap<>();
        table.forEach((key, row) -> ended.put(key, row.record().getField(1) + " " + label(row)));
        assertThat(ended).isEqualTo(expected);
    }

    @Test
    void anUnchangedTextAndARetractionCostNoInference() throws Exception {
        FAILED.set(FAILURES.size()); // No failures: the count is exact.
        Set<String> texts = new HashSet<>();
        long refused = 0;
        for (Row change : changes) {
            if (change.getKind() == RowKind.INSERT || change.getKind() == RowKind.UPDATE_AFTER) {
                if (change.getField(2).equals("refuse")) {
                    refused++; // A refusal is not cached.
                } else {
                    texts.add(change.getField(0) + ":" + change.getField(2));
                }
            }
        }
        List<Enriched<Row>> emitted = run(false);
        assertThat(emitted).hasSizeGreaterThan(CHANGES * 8 / 10);
        assertThat(ASKED.get()).isBetween((long) texts.size(), texts.size() + refused);
    }

    @Test
    void rowsOfWhichNothingIsAskedComeAndGoWithoutResults() throws Exception {
        FAILED.set(FAILURES.size());
        changes =
                List.of(
                        Row.ofKind(RowKind.INSERT, 1, 1, null),
                        Row.ofKind(RowKind.UPDATE_BEFORE, 1, 1, null),
                        Row.ofKind(RowKind.UPDATE_AFTER, 1, 2, "text 1"),
                        Row.ofKind(RowKind.DELETE, 1, 2, "text 1"));
        List<Enriched<Row>> emitted = run(false);
        assertThat(emitted).extracting(each -> each.results().size()).containsExactly(0, 0, 1, 1);
    }

    @Test
    void aChangelogWithoutKeysIsRefusedWithWhatToDo() {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1);
        DataStream<Row> rows = environment.fromData(Row.of(1, 1, "text"));
        assertThatThrownBy(() -> enrich(rows).build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("keyBy");
    }

    private static Headrace<Row> enrich(DataStream<Row> rows) {
        return Headrace.enrich(rows, row -> row.<String>getFieldAs(2))
                .with(ScoringEngine::new)
                .task(new Classify("kind", List.of(Label.of("a"), Label.of("b"), Label.of("c")), 0))
                .changelog(Row::getKind);
    }

    @SuppressWarnings("try") // an interrupt ends the test, as it should
    private static List<Enriched<Row>> run(boolean failing) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, FAILURES.size());
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(2, configuration);
        environment.enableCheckpointing(50);
        DataStream<Row> rows =
                environment
                        .fromSequence(0, changes.size() - 1)
                        .setParallelism(1)
                        .map(
                                number -> {
                                    failAt(number.intValue(), failing);
                                    return changes.get(number.intValue());
                                })
                        .returns(Types.ROW(Types.INT, Types.INT, Types.STRING))
                        .setParallelism(1);
        DataStream<Enriched<Row>> results =
                enrich(rows.keyBy(row -> row.<Integer>getFieldAs(0))).build().results();
        List<Enriched<Row>> emitted = new ArrayList<>();
        try (CloseableIterator<Enriched<Row>> out = results.executeAndCollect()) {
            out.forEachRemaining(emitted::add);
        }
        return emitted;
    }

    /** Slow enough for checkpoints to complete between the failures. */
    private static void failAt(int number, boolean failing) throws InterruptedException {
        if (number % 20 == 0) {
            Thread.sleep(failing ? 4 : 1);
        }
        int failed = FAILED.get();
        if (failed < FAILURES.size() && number == FAILURES.get(failed)) {
            FAILED.incrementAndGet();
            throw new IllegalStateException("the source fails, as the test asks");
        }
    }

    private static boolean takesBack(Enriched<Row> change) {
        RowKind kind = change.record().getKind();
        return kind == RowKind.UPDATE_BEFORE || kind == RowKind.DELETE;
    }

    private static String label(Enriched<Row> row) {
        return ((TaskResult.Classified) row.results().get(0)).label();
    }

    /** What the engine below finds. */
    private static String labelOf(String text) {
        return List.of("a", "b", "c").get(Integer.parseInt(text.substring(5)) % 3);
    }

    /** Finds the label of a text by its number, a little later, on threads of its own. */
    private static final class ScoringEngine implements InferenceEngine {

        @Override
        public CompletionStage<InferenceResult> submit(InferenceRequest request) {
            ASKED.incrementAndGet();
            return CompletableFuture.supplyAsync(
                    () -> {
                        String text = ScriptedEngine.textOf(request);
                        if (text.equals("refuse")) {
                            return new InferenceResult.Rejected("refused, as the test asks");
                        }
                        List<Double> scores = new ArrayList<>(List.of(0.1, 0.1, 0.1));
                        scores.set("abc".indexOf(labelOf(text)), 0.8);
                        return new InferenceResult.Scores(scores, new Usage(9, 0, 1, 0, 0));
                    },
                    ForkJoinPool.commonPool());
        }

        @Override
        public void cancel(InferenceRequest request) {}

        @Override
        public ModelInfo model() {
            return new ModelInfo("scripted", "digest", "scripted", "none", 2048, 256);
        }

        @Override
        public int countPromptTokens(InferenceRequest request) {
            return 10;
        }

        @Override
        public EngineStats stats() {
            return EngineStats.NONE;
        }

        @Override
        public void close() {}
    }
}
