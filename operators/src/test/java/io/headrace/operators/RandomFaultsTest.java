package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.InferenceResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random arrivals, answers, failures, timeouts, watermarks and crashes, with a fixed seed. After a
 * crash the operator goes on from its last checkpoint, and the records since then come again, as
 * from a source; what left since then is forgotten, as in a sink's open transaction.
 */
class RandomFaultsTest extends OperatorTestCase {

    private static final int STEPS = 400;
    private static final int KEYS = 5;

    private final List<String> sent = new ArrayList<>();
    private final List<String> committed = new ArrayList<>();
    private OneInputStreamOperatorTestHarness<String, Enriched<String>> harness;
    private OperatorSubtaskState checkpoint;
    private int sentAtCheckpoint;
    private long time;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everyRecordLeavesOnceAndInTheOrderOfItsKey(long seed) throws Exception {
        Random random = new Random(seed);
        harness = operator(null);
        for (int step = 0; step < STEPS; step++) {
            act(random);
            runMails(harness);
        }
        for (int i = 0; i < 10; i++) { // attempts are at an end then
            engine.answer(text -> true);
            runMails(harness);
            harness.setProcessingTime(time += 100_000);
        }
        commit();
        assertThat(engine.openRequests()).isZero();
        assertThat(withoutReasons(committed)).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(byKey(withoutReasons(committed))).isEqualTo(byKey(sent));
    }

    private void act(Random random) throws Exception {
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> {
                // Some texts are equal to others of the key, some to others of other keys.
                String text = random.nextInt(4) == 0 ? "same" : "text " + random.nextInt(60);
                sent.add("k" + random.nextInt(KEYS) + ":" + text + "#" + sent.size());
                send(sent.size() - 1);
            }
            case 4, 5, 6 -> engine.answer(text -> random.nextInt(3) == 0);
            case 7 ->
                    engine.end(
                            text -> random.nextInt(8) == 0,
                            new InferenceResult.Failed("decode failed"));
            case 8 ->
                    engine.end(
                            text -> random.nextInt(12) == 0,
                            new InferenceResult.Rejected("too long"));
            case 9 -> harness.setProcessingTime(time += random.nextInt(4_000));
            case 10 -> commit();
            default -> crash();
        }
    }

    private void send(int index) throws Exception {
        harness.processElement(sent.get(index), index);
        if (index % 7 == 0) {
            harness.processWatermark(index);
        }
    }

    /** A checkpoint, after which the sink commits what it has. */
    private void commit() throws Exception {
        committed.addAll(output());
        checkWatermarks();
        harness.getOutput().clear();
        if (harness.getSideOutput(FAILURES) != null) {
            harness.getSideOutput(FAILURES).clear();
        }
        checkpoint = harness.snapshot(1, 1);
        sentAtCheckpoint = sent.size();
    }

    private void crash() throws Exception {
        open.remove(harness);
        harness.close();
        engine = new ScriptedEngine();
        harness = operator(checkpoint);
        harness.setProcessingTime(time);
        for (int i = sentAtCheckpoint; i < sent.size(); i++) {
            send(i);
        }
    }

    private OneInputStreamOperatorTestHarness<String, Enriched<String>> operator(
            OperatorSubtaskState state) throws Exception {
        EnrichmentOptions options =
                perKey().withMaxInFlight(1_000)
                        .withCache(new CacheOptions(Duration.ofDays(1), 4))
                        .withFailurePolicy(
                                FailurePolicy.DEFAULT
                                        .withTimeout(Duration.ofSeconds(10))
                                        .withMaxAttempts(2)
                                        .withBackoff(Duration.ofSeconds(1)));
        return harness(options, true, 1, 0, state, INTENT, SUMMARY);
    }

    @Override
    String text(String record) {
        return record.substring(record.indexOf(':') + 1, record.indexOf('#'));
    }

    /** What left since the last checkpoint, by number; its order is looked at apart. */
    private List<String> output() {
        List<String> dead = new ArrayList<>();
        failures(harness).forEach(f -> dead.add(f.record() + "!" + f.failure().errorClass()));
        return Stream.concat(records(harness).stream(), dead.stream())
                .sorted(Comparator.comparingInt(RandomFaultsTest::number))
                .toList();
    }

    private static int number(String record) {
        String tail = record.substring(record.indexOf('#') + 1);
        return Integer.parseInt(tail.contains("!") ? tail.substring(0, tail.indexOf('!')) : tail);
    }

    /** No record leaves after a watermark that came after it, or before one of its key. */
    private void checkWatermarks() {
        long watermark = Long.MIN_VALUE;
        Map<String, Integer> last = new HashMap<>();
        for (Object element : harness.getOutput()) {
            if (element instanceof Watermark mark) {
                watermark = mark.getTimestamp();
            } else if (element instanceof StreamRecord<?> record) {
                assertThat(record.getTimestamp()).isGreaterThan(watermark);
                String value = ((Enriched<?>) record.getValue()).record().toString();
                Integer before = last.put(value.substring(0, value.indexOf(':')), number(value));
                assertThat(before == null || before < number(value)).isTrue();
            }
        }
    }

    private static List<String> withoutReasons(List<String> records) {
        return records.stream().map(record -> record.split("!", 2)[0]).toList();
    }

    private static Map<String, List<String>> byKey(List<String> records) {
        return records.stream()
                .collect(Collectors.groupingBy(record -> record.substring(0, record.indexOf(':'))));
    }
}
