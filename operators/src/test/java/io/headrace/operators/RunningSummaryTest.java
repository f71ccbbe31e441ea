package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.InferenceResult;
import io.headrace.operators.state.WrapperTypeInformation;
import io.headrace.operators.task.RunningSummary;
import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A running summary of each key. The engine's summary of a text is the summary so far, a plus and
 * what is new, so that a summary tells which records are in it, and how often.
 */
class RunningSummaryTest extends OperatorTestCase {

    private static final RunningSummary TASK =
            new RunningSummary(new Summarize("story", 20), Duration.ofDays(1));
    private static final String SO_FAR = "Summary so far:\n";
    private static final String NEW = "\n\nNew:\n";

    private static final class Handover {
        private static final ThreadLocal<ScriptedEngine> ENGINE = new ThreadLocal<>();
    }

    private KeyedOneInputStreamOperatorTestHarness<String, Enriched<String>, Enriched<String>>
            operator(
                    EnrichmentOptions options,
                    int parallelism,
                    int subtask,
                    OperatorSubtaskState state)
                    throws Exception {
        Handover.ENGINE.set(engine);
        var type = WrapperTypeInformation.enriched(Types.STRING);
        var harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new RunningSummaryOperator<>(
                                new RunningSummaryOperator.Plan<>(
                                        TaskSet.of(TASK),
                                        0,
                                        "all tasks",
                                        this::text,
                                        Handover.ENGINE::get,
                                        options,
                                        type,
                                        FAILURES)),
                        enriched -> keyOf(enriched.record()),
                        Types.STRING,
                        MAX_PARALLELISM,
                        parallelism,
                        subtask);
        if (stateBackend != null) {
            harness.setStateBackend(stateBackend);
        }
        harness.setup(type.createSerializer(harness.getExecutionConfig().getSerializerConfig()));
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
        open.add(harness);
        return harness;
    }

    private KeyedOneInputStreamOperatorTestHarness<String, Enriched<String>, Enriched<String>>
            operator(OperatorSubtaskState state) throws Exception {
        return operator(perKey(), 1, 0, state);
    }

    private static String keyOf(String record) {
        return record.substring(0, record.indexOf(':'));
    }

    private static Enriched<String> input(String record) {
        return new Enriched<>(record, List.of(), Provenance.none());
    }

    private static InferenceResult summary(String text) {
        return new InferenceResult.Generated(
                text.startsWith(SO_FAR) ? text.substring(SO_FAR.length()).replace(NEW, "+") : text,
                false,
                ScriptedEngine.USAGE);
    }

    /** Answers everything that is asked, also what is asked then. */
    private void answerAll(KeyedOneInputStreamOperatorTestHarness<?, ?, ?> harness)
            throws Exception {
        while (engine.openRequests() > 0) {
            engine.endEach(RunningSummaryTest::summary);
            runMails(harness);
        }
    }

    private static List<String> stories(
            KeyedOneInputStreamOperatorTestHarness<String, Enriched<String>, Enriched<String>> h) {
        return h.extractOutputValues().stream().map(RunningSummaryTest::story).toList();
    }

    private static String story(Enriched<String> enriched) {
        return keyOf(enriched.record())
                + ":"
                + ((TaskResult.Summarized) enriched.results().get(0)).text();
    }

    @Test
    void renewsTheSummaryOfAKeyRecordByRecordWhileOtherKeysGoOn() throws Exception {
        var harness = operator(null);
        harness.processElement(input("a:one"), 1);
        harness.processElement(input("a:two"), 2);
        harness.processElement(input("b:other"), 3);
        assertThat(engine.asked()).containsExactly("one", "other");
        engine.endEach(text -> text.equals("other") ? summary(text) : null);
        runMails(harness);
        assertThat(stories(harness)).containsExactly("b:other");
        engine.endEach(RunningSummaryTest::summary);
        runMails(harness);
        assertThat(engine.asked()).endsWith(SO_FAR + "one" + NEW + "two");
        answerAll(harness);
        assertThat(stories(harness)).containsExactly("b:other", "a:one", "a:one+two");
        assertThat(harness.extractOutputStreamRecords().get(2).getTimestamp()).isEqualTo(2);
        Provenance provenance = harness.extractOutputValues().get(2).provenance();
        assertThat(provenance.tasksVersion()).isEqualTo("all tasks");
        assertThat(provenance.promptTokens()).isEqualTo(100);
    }

    @Test
    void addsItsResultAndItsCostToThoseThatTheRecordHas() throws Exception {
        var harness = operator(null);
        TaskResult before = new TaskResult.Summarized("before");
        Provenance cost = new Provenance("v", "m", "d", "e", 10, 5, 2, true, 9, 1);
        harness.processElement(new Enriched<>("a:one", List.of(before), cost), 1);
        answerAll(harness);
        Enriched<String> enriched = harness.extractOutputValues().get(0);
        assertThat(enriched.results()).containsExactly(new TaskResult.Summarized("one"), before);
        assertThat(enriched.provenance())
                .isEqualTo(
                        new Provenance(
                                "all tasks",
                                "scripted",
                                "digest-1",
                                "scripted",
                                110,
                                65,
                                7,
                                true, // of the results before
                                9,
                                7,
                                List.of(new TaskAnswer("scripted", Optional.empty(), 100, 5, 0))));
    }

    @Test
    void aRecordThatFailsIsNotInTheSummaryAndHoldsNothingUp() throws Exception {
        var harness = operator(null);
        for (String record : List.of("a:one", "a:bad", "a: ", "a:", "a:two")) {
            harness.processElement(input(record), 1);
        }
        while (engine.openRequests() > 0) {
            engine.endEach(
                    text ->
                            text.endsWith("bad")
                                    ? new InferenceResult.Rejected("too long")
                                    : summary(text));
            runMails(harness);
        }
        assertThat(stories(harness)).containsExactly("a:one", "a:one+two");
        assertThat(harness.getSideOutput(FAILURES).stream().map(it -> it.getValue().failure()))
                .extracting(Failure::errorClass)
                .containsExactly("Rejected", "EmptyText", "EmptyText");
    }

    @Override
    String text(String record) {
        String text = super.text(record);
        return text.equals("no question") ? null : text;
    }

    @Test
    void aRecordOfWhichNothingIsAskedPassesInItsTurn() throws Exception {
        var harness = operator(null);
        for (String record : List.of("a:one", "a:no question", "a:two")) {
            harness.processElement(input(record), 1);
        }
        answerAll(harness);
        assertThat(harness.extractOutputValues())
                .extracting(Enriched::record)
                .containsExactly("a:one", "a:no question", "a:two");
        assertThat(harness.extractOutputValues().get(1).results()).isEmpty();
        assertThat(story(harness.extractOutputValues().get(2))).isEqualTo("a:one+two");
    }

    @Test
    void keepsWhatItHasWhereTheModelSaysNothing() throws Exception {
        var harness = operator(null);
        harness.processElement(input("a:one"), 1);
        answerAll(harness);
        harness.processElement(input("a:two"), 2);
        engine.endEach(text -> new InferenceResult.Generated(" ", false, ScriptedEngine.USAGE));
        runMails(harness);
        harness.processElement(input("a:three"), 3);
        answerAll(harness);
        assertThat(stories(harness)).containsExactly("a:one", "a:", "a:one+three");
    }

    @Test
    void goesOnFromACheckpointWithEachRecordInTheSummaryOnce() throws Exception {
        var harness = operator(null);
        for (String record : List.of("a:one", "a:two", "a:three", "b:x")) {
            harness.processElement(input(record), 1);
        }
        engine.endEach(text -> text.equals("one") ? summary(text) : null);
        runMails(harness);
        assertThat(stories(harness)).containsExactly("a:one");
        OperatorSubtaskState state = harness.snapshot(1, 1);

        engine = new ScriptedEngine();
        var restored = operator(state);
        assertThat(engine.asked()).containsExactly(SO_FAR + "one" + NEW + "two", "x");
        answerAll(restored);
        assertThat(stories(restored))
                .containsExactlyInAnyOrder("b:x", "a:one+two", "a:one+two+three");
    }

    @Test
    void asksNoPartOfALongTextAgainThatTheCheckpointHas() throws Exception {
        // The scripted engine counts a token for each character, and 2,048 fit.
        String text =
                IntStream.range(0, 100)
                        .mapToObj(i -> "This is sentence number " + i + " of it.")
                        .collect(Collectors.joining(" "));
        var harness = operator(null);
        harness.processElement(input("a:before"), 1);
        answerAll(harness);
        harness.processElement(input("a:" + text), 2);
        int parts = engine.openRequests();
        assertThat(parts).isGreaterThan(1);
        engine.answerOne();
        runMails(harness);
        OperatorSubtaskState state = harness.snapshot(1, 1);

        engine = new ScriptedEngine();
        operator(state);
        assertThat(engine.asked()).hasSize(parts - 1);

        engine = new ScriptedEngine("digest-2");
        operator(state);
        assertThat(engine.asked()).hasSize(parts);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hashmap", "rocksdb"})
    void rescalesFromOneToThreeToTwoWithEachRecordInItsSummaryOnce(String backend)
            throws Exception {
        stateBackend =
                backend.equals("rocksdb")
                        ? new EmbeddedRocksDBStateBackend()
                        : new HashMapStateBackend();
        Map<String, List<String>> sent = new LinkedHashMap<>();
        Map<String, String> stories = new HashMap<>();
        List<OperatorSubtaskState> states = List.of();
        int emitted = 0;
        for (int parallelism : List.of(1, 3, 2)) {
            engine = new ScriptedEngine();
            List<KeyedOneInputStreamOperatorTestHarness<String, Enriched<String>, Enriched<String>>>
                    subtasks = new ArrayList<>();
            for (int subtask = 0; subtask < parallelism; subtask++) {
                subtasks.add(
                        operator(
                                perKey(),
                                parallelism,
                                subtask,
                                part(states, parallelism, subtask)));
            }
            for (int i = 0; i < 60; i++) {
                String key = "key" + i % 20;
                String word = "w" + sent.getOrDefault(key, List.of()).size();
                sent.computeIfAbsent(key, it -> new ArrayList<>()).add(word);
                subtasks.get(
                                KeyGroupRangeAssignment.assignKeyToParallelOperator(
                                        key, MAX_PARALLELISM, parallelism))
                        .processElement(input(key + ":" + word), i);
            }
            // Some answers come before the savepoint, the rest after it.
            engine.endEach(
                    text -> parallelism == 2 || text.hashCode() % 2 == 0 ? summary(text) : null);
            states = new ArrayList<>();
            for (var subtask : subtasks) {
                runMails(subtask);
                if (parallelism == 2) {
                    answerAll(subtask);
                }
                for (String story : stories(subtask)) {
                    stories.put(keyOf(story), story.substring(story.indexOf(':') + 1));
                    emitted++;
                }
                states.add(subtask.snapshot(1, 1));
            }
        }
        Map<String, String> expected = new HashMap<>();
        sent.forEach((key, words) -> expected.put(key, String.join("+", words)));
        assertThat(stories).isEqualTo(expected);
        assertThat(emitted).isEqualTo(180);
    }

    private static OperatorSubtaskState part(
            List<OperatorSubtaskState> states, int parallelism, int subtask) throws Exception {
        return states.isEmpty()
                ? null
                : KeyedOneInputStreamOperatorTestHarness.repartitionOperatorState(
                        KeyedOneInputStreamOperatorTestHarness.repackageState(
                                states.toArray(OperatorSubtaskState[]::new)),
                        MAX_PARALLELISM,
                        states.size(),
                        parallelism,
                        subtask);
    }

    @Test
    void keepsOneSummaryForEachKeyAndForgetsItInTime() throws Exception {
        var harness = operator(null);
        harness.setStateTtlProcessingTime(0);
        for (int i = 0; i < 300; i++) {
            harness.processElement(input("key" + i % 3 + ":" + i), i);
            engine.endEach(
                    text -> new InferenceResult.Generated("short", false, ScriptedEngine.USAGE));
            runMails(harness);
        }
        assertThat(harness.numKeyedStateEntries()).isEqualTo(3);
        long small = harness.snapshot(1, 1).getStateSize();
        for (int i = 0; i < 300; i++) {
            harness.processElement(input("key" + i % 3 + ":" + i), i);
            engine.endEach(
                    text -> new InferenceResult.Generated("short", false, ScriptedEngine.USAGE));
            runMails(harness);
        }
        assertThat(harness.snapshot(2, 2).getStateSize()).isEqualTo(small);

        harness.setStateTtlProcessingTime(Duration.ofDays(1).toMillis() + 1);
        harness.processElement(input("key0:anew"), 1_000);
        assertThat(engine.asked()).endsWith("anew");
    }

    @Test
    void checkpointsGoOnWhileItIsFullAndHoldTheRecordThatWaits() throws Exception {
        var harness = operator(perKey().withMaxInFlight(2), 1, 0, null);
        List<OperatorSubtaskState> states = new ArrayList<>();
        mail(
                harness,
                () -> {
                    states.add(harness.snapshot(1, 1));
                    engine.endEach(RunningSummaryTest::summary);
                });
        harness.processElement(input("a:one"), 1);
        harness.processElement(input("a:two"), 2);
        assertThat(states).hasSize(1);
        engine = new ScriptedEngine();
        var restored = operator(states.get(0));
        answerAll(restored);
        assertThat(stories(restored)).containsExactly("a:one", "a:one+two");
    }

    @Test
    void watermarksNeverOvertakeTheRecordsBeforeThem() throws Exception {
        var harness = operator(null);
        harness.processElement(input("a:one"), 1);
        harness.processWatermark(1);
        assertThat(watermarks(harness)).isEmpty();
        answerAll(harness);
        assertThat(watermarks(harness)).containsExactly(1L);
    }

    /**
     * After a crash the operator goes on from its last checkpoint, and the records since then come
     * again; what left since then is forgotten, as in a sink's open transaction.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void randomCrashesLeaveEachRecordInItsSummaryOnce(long seed) throws Exception {
        Random random = new Random(seed);
        List<String> sent = new ArrayList<>();
        List<String> committed = new ArrayList<>();
        var harness = operator(null);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 1);
        int sentAtCheckpoint = 0;
        for (int step = 0; step < 300; step++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    sent.add("k" + random.nextInt(4) + ":w" + sent.size());
                    harness.processElement(input(sent.get(sent.size() - 1)), sent.size());
                }
                case 3, 4, 5 ->
                        engine.endEach(text -> random.nextInt(3) == 0 ? summary(text) : null);
                case 6 -> {
                    committed.addAll(stories(harness));
                    harness.getOutput().clear();
                    checkpoint = harness.snapshot(1, 1);
                    sentAtCheckpoint = sent.size();
                }
                default -> {
                    open.remove(harness);
                    harness.close();
                    engine = new ScriptedEngine();
                    harness = operator(checkpoint);
                    for (int i = sentAtCheckpoint; i < sent.size(); i++) {
                        harness.processElement(input(sent.get(i)), i + 1);
                    }
                }
            }
            runMails(harness);
        }
        answerAll(harness);
        committed.addAll(stories(harness));
        List<String> expected = new ArrayList<>();
        Map<String, String> stories = new HashMap<>();
        for (String record : sent) {
            String word = record.substring(record.indexOf(':') + 1);
            expected.add(
                    keyOf(record)
                            + ":"
                            + stories.merge(keyOf(record), word, (one, two) -> one + "+" + two));
        }
        assertThat(committed).containsExactlyInAnyOrderElementsOf(expected);
    }
}
