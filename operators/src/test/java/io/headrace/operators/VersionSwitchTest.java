package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.RunningSummary;
import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.TaskSet;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.EventOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Versions that change while a job of three subtasks runs on a local cluster. Records are numbers;
 * some of them are control messages too, so that a replay repeats them where they stood.
 */
@Timeout(180)
class VersionSwitchTest {

    private static final int RECORDS = 6_000;
    private static final long LAST_MESSAGE = 3_700;
    private static final int SUBTASKS = 3;
    private static final Classify KIND =
            new Classify("kind", List.of(Label.of("a"), Label.of("b")), 0);

    /** What the control stream says at which records. */
    private static final Map<Long, String> MESSAGES =
            Map.of(
                    700L,
                    "model two",
                    2_000L,
                    "model three",
                    2_010L,
                    "no version",
                    2_020L,
                    "fails to load",
                    2_030L,
                    "fails in one subtask",
                    2_040L,
                    "refuses to answer",
                    2_050L,
                    "other tasks",
                    LAST_MESSAGE,
                    "model four");

    private static final AtomicInteger FAILED = new AtomicInteger();

    @TempDir private Path folder;

    @BeforeEach
    void reset() {
        FAILED.set(0);
        VersionedEngine.reset();
        RecordedEvents.clear();
    }

    /** An emitted record: its number, which subtask it came from, and the model that answered. */
    private record Emitted(long number, int subtask, String model) {}

    @Test
    void switchesAtCheckpointsWhileTheJobFailsAndLosesNothing() throws Exception {
        List<Emitted> emitted = run(List.of(1_500L, 2_600L, 4_100L));
        assertThat(FAILED).hasValue(3);
        assertThat(emitted.stream().map(Emitted::number))
                .containsExactlyInAnyOrderElementsOf(LongStream.range(0, RECORDS).boxed().toList());
        assertMonotone(emitted);
        assertThat(VersionedEngine.OPEN).hasValue(0);
    }

    @Test
    void refusesBadVersionsWithAnEventAndGoesOn() throws Exception {
        List<Emitted> emitted = run(List.of());
        assertMonotone(emitted);
        assertThat(RecordedEvents.named("VersionSwitched"))
                .extracting(event -> event.getAttributes().get("modelDigest"))
                .containsExactly("two", "three", "four");
        assertThat(RecordedEvents.named("VersionRefused"))
                .extracting(event -> event.getBody().replaceFirst("subtask \\d: ", ""))
                .containsExactly(
                        "no version is no version",
                        "the file is broken",
                        "only subtask 1 cannot read it",
                        "trying task 'kind': refused, as the test asks",
                        "it has the tasks [other] and the job has [kind]");
        assertThat(VersionedEngine.OPEN).hasValue(0);
    }

    /** All four versions answered, and no subtask went back. */
    private static void assertMonotone(List<Emitted> emitted) {
        List<String> order = List.of("one", "two", "three", "four");
        Map<Integer, Integer> last = new HashMap<>();
        for (Emitted record : emitted) {
            int version = order.indexOf(record.model());
            assertThat(version).isNotNegative();
            assertThat(version).isGreaterThanOrEqualTo(last.getOrDefault(record.subtask(), 0));
            last.put(record.subtask(), version);
        }
        assertThat(emitted.stream().map(Emitted::model).distinct())
                .containsExactlyInAnyOrderElementsOf(order);
    }

    @Test
    void aSavepointKeepsTheVersionInForceAndAChangedJobBeginsWithItsOwn() throws Exception {
        StreamExecutionEnvironment environment = environment(List.of(), null);
        DataStream<Emitted> results = results(environment, "base", Long.MAX_VALUE);
        CloseableIterator<Emitted> out = results.collectAsync();
        JobClient job = environment.executeAsync();
        while (!out.next().model().equals("two")) { // Until it is in force.
        }
        String savepoint =
                job.stopWithSavepoint(
                                false, folder.toUri().toString(), SavepointFormatType.CANONICAL)
                        .get();
        out.close();

        assertThat(firstModelFrom(savepoint, "base")).isEqualTo("two");
        assertThat(firstModelFrom(savepoint, "another base")).isEqualTo("one");
    }

    @SuppressWarnings("try") // an interrupt ends the test, as it should
    private static String firstModelFrom(String savepoint, String base) throws Exception {
        StreamExecutionEnvironment environment = environment(List.of(), savepoint);
        DataStream<Emitted> results = results(environment, base, Long.MAX_VALUE);
        try (CloseableIterator<Emitted> out = results.collectAsync()) {
            JobClient job = environment.executeAsync();
            String model = out.next().model();
            job.cancel().get();
            return model;
        }
    }

    @Test
    void withoutCheckpointsAVersionIsInForceOnceItIsLoaded() throws Exception {
        StreamExecutionEnvironment environment = environment(List.of(), null);
        environment.getCheckpointConfig().disableCheckpointing();
        List<Emitted> emitted = collect(results(environment, "base", RECORDS));
        assertThat(emitted).hasSize(RECORDS);
        assertMonotone(emitted);
    }

    @Test
    void aRunningSummaryCannotSwitch() {
        StreamExecutionEnvironment environment = environment(List.of(), null);
        DataStream<Long> records = environment.fromSequence(0, 1);
        assertThatThrownBy(
                        () ->
                                Headrace.enrich(records.keyBy(number -> number), String::valueOf)
                                        .with(new VersionedEngine.Provider("one"))
                                        .task(
                                                new RunningSummary(
                                                        new Summarize("story", 20),
                                                        Duration.ofDays(1)))
                                        .task(KIND)
                                        .control(
                                                environment.fromData("model two"),
                                                VersionSwitchTest::version)
                                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("running summary");
    }

    private List<Emitted> run(List<Long> failures) throws Exception {
        return collect(results(environment(failures, null), "base", RECORDS, failures));
    }

    @SuppressWarnings("try") // an interrupt ends the test, as it should
    private static List<Emitted> collect(DataStream<Emitted> results) throws Exception {
        List<Emitted> emitted = new ArrayList<>();
        try (CloseableIterator<Emitted> out = results.executeAndCollect()) {
            out.forEachRemaining(emitted::add);
        }
        return emitted;
    }

    private static StreamExecutionEnvironment environment(List<Long> failures, String savepoint) {
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, failures.size());
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        configuration.set(EventOptions.REPORTERS_LIST, "test");
        configuration.setString(
                "events.reporter.test.factory.class", RecordedEvents.class.getName());
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
            // That of the sink which the test collects with.
            configuration.set(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE, true);
        }
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(SUBTASKS, configuration);
        environment.enableCheckpointing(50);
        return environment;
    }

    private static DataStream<Emitted> results(
            StreamExecutionEnvironment environment, String base, long records) {
        return results(environment, base, records, List.of());
    }

    private static DataStream<Emitted> results(
            StreamExecutionEnvironment environment,
            String base,
            long records,
            List<Long> failures) {
        DataStream<Long> numbers =
                environment
                        .fromSequence(0, records - 1)
                        .setParallelism(1)
                        .uid("numbers")
                        .map(number -> paced(number, failures))
                        .setParallelism(1);
        DataStream<String> control =
                numbers.filter(MESSAGES::containsKey)
                        .setParallelism(1)
                        .map(MESSAGES::get)
                        .returns(Types.STRING)
                        .setParallelism(1);
        return Headrace.enrich(numbers.keyBy(number -> number % 50), String::valueOf)
                .with(new VersionedEngine.Provider("one"))
                .task(KIND)
                .control(control, new Reader(base))
                .uid("enrich")
                .build()
                .results()
                .map(new WithSubtask())
                .returns(Types.TUPLE(Types.LONG, Types.INT, Types.STRING))
                .map(each -> new Emitted(each.f0, each.f1, each.f2))
                .returns(Types.GENERIC(Emitted.class));
    }

    /** Slow enough for checkpoints between the messages, and for the last version to answer. */
    @SuppressWarnings("try") // an interrupt ends the test, as it should
    private static long paced(long number, List<Long> failures) throws InterruptedException {
        if (number > LAST_MESSAGE && !VersionedEngine.hasAnswered("four")) {
            Thread.sleep(20);
        } else if (number % 10 == 0) {
            Thread.sleep(5);
        }
        int failed = FAILED.get();
        if (failed < failures.size() && number == failures.get(failed)) {
            FAILED.incrementAndGet();
            throw new IllegalStateException("the source fails, as the test asks");
        }
        return number;
    }

    private static final class WithSubtask
            extends RichMapFunction<Enriched<Long>, Tuple3<Long, Integer, String>> {

        private static final long serialVersionUID = 1L;

        @Override
        public Tuple3<Long, Integer, String> map(Enriched<Long> result) {
            return Tuple3.of(
                    result.record(),
                    getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(),
                    result.provenance().modelDigest());
        }
    }

    private record Reader(String base) implements VersionReader {

        @Override
        public ModelVersion read(String message) {
            return version(message);
        }
    }

    private static ModelVersion version(String message) {
        if (message.equals("no version")) {
            throw new IllegalArgumentException(message + " is no version");
        }
        String task = message.equals("other tasks") ? "other" : KIND.name();
        return new ModelVersion(
                TaskSet.of(new Classify(task, KIND.labels(), 0)),
                new VersionedEngine.Provider(message.replace("model ", "")));
    }
}
