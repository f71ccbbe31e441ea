package io.headrace.benchmarks;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.operators.CacheOptions;
import io.headrace.operators.EnrichmentOptions;
import io.headrace.operators.Headrace;
import io.headrace.operators.state.TaskOutcome;
import io.headrace.operators.state.TaskProgress;
import io.headrace.operators.state.UnfinishedRecord;
import io.headrace.operators.state.UnfinishedRecordSerializer;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.PromptBudget;
import io.headrace.operators.task.Question;
import io.headrace.operators.task.Step;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * The operator against Flink's own {@code AsyncDataStream.unorderedWait}, both around an engine
 * that answers at once, both asked the same, with a checkpoint each second. Prints the ratio of
 * records per second and what a record in flight costs in a checkpoint.
 *
 * <p>Three inputs: keyed; not keyed but handed over between tasks; and chained, where Flink's
 * operator runs in the source's thread and ours, which begins a chain, pays for the handover.
 *
 * <p>Arguments: records of a run (default 400,000) and rounds (default 5).
 */
public final class OperatorBenchmark {

    private static final int CAPACITY = 256;
    private static final String BODY =
            " my parcel has not arrived and the tracking page has shown the same place since Monday,"
                    + " could you please find out where it is and when I can expect it at my door";

    private static final Classify INTENT =
            new Classify(
                    "intent",
                    List.of(Label.of("refund"), Label.of("lost_card"), Label.of("praise")),
                    0);
    private static final TaskSet TASKS = TaskSet.of(INTENT);
    private static final String SYSTEM_MESSAGE = TASKS.systemMessage();

    /** Every text fits. */
    private static final PromptBudget BUDGET =
            new PromptBudget() {
                @Override
                public int contextTokens() {
                    return Integer.MAX_VALUE;
                }

                @Override
                public int promptTokens(Question question) {
                    return 1;
                }
            };

    private enum Input {
        KEYED,
        HANDED_OVER,
        CHAINED
    }

    private OperatorBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int records = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 400_000;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        System.out.printf("in flight, a record costs %d bytes of state%n", stateBytes());
        for (Input input : Input.values()) {
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round <= rounds; round++) {
                double async = recordsPerSecond(records, input, false);
                double headrace = recordsPerSecond(records, input, true);
                if (round > 0) { // The first round warms up.
                    ratios.add(headrace / async);
                    System.out.printf(
                            Locale.ROOT,
                            "%s: AsyncDataStream %.0f records/s, Headrace %.0f, ratio %.2f%n",
                            input,
                            async,
                            headrace,
                            headrace / async);
                }
            }
            Collections.sort(ratios);
            System.out.printf(
                    Locale.ROOT, "%s: median ratio %.2f%n", input, ratios.get(ratios.size() / 2));
        }
    }

    /** What a checkpoint holds for a record besides its own bytes, with its results. */
    private static int stateBytes() throws IOException {
        UnfinishedRecordSerializer<String> serializer =
                new UnfinishedRecordSerializer<>(StringSerializer.INSTANCE);
        InferenceResult answer =
                new InstantEngine().submit(request(BODY)).toCompletableFuture().join();
        TaskOutcome outcome =
                new TaskOutcome(result(answer), ((InferenceResult.Completed) answer).usage());
        DataOutputSerializer output = new DataOutputSerializer(1_024);
        serializer.serialize(
                new UnfinishedRecord<>(
                        "",
                        Optional.of(0L),
                        TASKS.version() + ":" + "0".repeat(64),
                        List.of(new TaskProgress(Optional.of(outcome), List.of())),
                        Optional.empty(),
                        false),
                output);
        return output.length();
    }

    private static InferenceRequest request(String text) {
        Step.Ask ask = (Step.Ask) INTENT.step(text, List.of(), BUDGET);
        Question question = ask.questions().get(0);
        return new InferenceRequest(
                TASKS.prompt(SYSTEM_MESSAGE, INTENT, question), question.output());
    }

    private static TaskResult result(InferenceResult answer) {
        Step step = INTENT.step("", List.of((InferenceResult.Completed) answer), BUDGET);
        return ((Step.Done) step).result();
    }

    private static double recordsPerSecond(int records, Input from, boolean headrace)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.setString("pipeline.generic-types", "false");
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        environment.enableCheckpointing(1_000);
        DataStream<String> texts =
                environment.fromSequence(1, records).map(i -> i + BODY).returns(Types.STRING);
        DataStream<String> input =
                switch (from) {
                    case KEYED -> texts.keyBy(text -> text.substring(0, text.indexOf(' ')));
                    case HANDED_OVER -> texts.rebalance();
                    case CHAINED -> texts;
                };
        DataStream<String> labels =
                headrace
                        ? Headrace.enrich(input, text -> text)
                                .with(InstantEngine::new)
                                .task(INTENT)
                                .options(options())
                                .build()
                                .results()
                                .map(enriched -> enriched.results().get(0).toString())
                                .returns(Types.STRING)
                        : AsyncDataStream.unorderedWait(
                                        input, new Ask(), 5, TimeUnit.MINUTES, CAPACITY)
                                .returns(Types.STRING);
        labels.sinkTo(new DiscardingSink<>());
        long begin = System.nanoTime();
        environment.execute();
        return records / ((System.nanoTime() - begin) / 1e9);
    }

    private static EnrichmentOptions options() {
        return EnrichmentOptions.DEFAULT.withMaxInFlight(CAPACITY).withCache(CacheOptions.NONE);
    }

    /** The same question as an asynchronous function would put it. */
    private static final class Ask extends RichAsyncFunction<String, String> {

        private static final long serialVersionUID = 1L;

        private transient InferenceEngine engine;

        @Override
        public void open(OpenContext context) {
            engine = new InstantEngine();
        }

        @Override
        public void asyncInvoke(String text, ResultFuture<String> future) {
            engine.submit(request(text))
                    .whenComplete(
                            (answer, error) -> future.complete(List.of(result(answer).toString())));
        }

        @Override
        public void close() {
            engine.close();
        }
    }
}
