package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.testing.TinyModels;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.RunningSummary;
import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.TaskResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/datastream.md, compiled and run with a model of random weights. */
class DataStreamExampleTest {

    @TempDir Path folder;

    /** A Flink POJO. */
    public static class Message {
        public String customer;
        public String body;

        public Message() {}

        Message(String customer, String body) {
            this.customer = customer;
            this.body = body;
        }
    }

    static Headrace.EnrichedStream<Message> enrich(DataStream<Message> messages, String model) {
        return Headrace.enrich(messages.keyBy(message -> message.customer), message -> message.body)
                .with(LocalEngineProvider.of(model))
                .task(new Classify("intent", List.of(Label.of("refund"), Label.of("praise")), 0))
                .task(new Summarize("summary", 10))
                .options(
                        EnrichmentOptions.DEFAULT
                                .withOrder(ResultOrder.PER_KEY)
                                .withFailurePolicy(
                                        FailurePolicy.DEFAULT.withTimeout(Duration.ofMinutes(1))))
                .build();
    }

    static String describe(Enriched<Message> enriched) {
        TaskResult.Classified intent = (TaskResult.Classified) enriched.results().get(0);
        TaskResult.Summarized summary = (TaskResult.Summarized) enriched.results().get(1);
        return enriched.record().customer
                + " "
                + intent.label()
                + " "
                + intent.probability()
                + " "
                + summary.text();
    }

    @Test
    @SuppressWarnings("try") // an interrupt ends the test, as it should
    void runsWithoutKafkaAndWithoutAFile() throws Exception {
        String model = TinyModels.llama(folder.resolve("tiny.gguf"), 7).toString();
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(2);
        DataStream<Message> messages =
                environment.fromData(
                        new Message("a", "my money, please"),
                        new Message("b", "thank you"),
                        new Message("a", " "));
        Headrace.EnrichedStream<Message> enriched = enrich(messages, model);
        DataStream<String> all =
                enriched.results()
                        .map(DataStreamExampleTest::describe)
                        .union(enriched.failures().map(dead -> dead.failure().errorClass()));
        List<String> lines = new ArrayList<>();
        try (CloseableIterator<String> out = all.executeAndCollect()) {
            out.forEachRemaining(lines::add);
        }
        assertThat(lines).hasSize(3).contains("EmptyText");
        assertThat(lines).anyMatch(line -> line.matches("(?s)a (refund|praise) 0\\.\\d+ .*"));
    }

    static Headrace.EnrichedStream<Message> story(
            KeyedStream<Message, String> messages, String model) {
        return Headrace.enrich(messages, message -> message.body)
                .with(LocalEngineProvider.of(model))
                .task(new RunningSummary("story", 10))
                .task(new Classify("intent", List.of(Label.of("refund"), Label.of("praise")), 0))
                .uid("customers")
                .build();
    }

    static Headrace.EnrichedStream<TextWindow<String, Message>> hours(
            KeyedStream<Message, String> messages, String model) {
        TextWindows.Windowed<String, Message> hours =
                TextWindows.of(Duration.ofHours(1)).collect(messages, message -> message.body);
        return Headrace.enrich(hours.windows().keyBy(TextWindow::key, Types.STRING), hours.text())
                .with(LocalEngineProvider.of(model))
                .task(new Summarize("hour", 10))
                .build();
    }

    @Test
    @SuppressWarnings("try") // an interrupt ends the test, as it should
    void keepsARunningSummaryAndSummarizesWindows() throws Exception {
        String model = TinyModels.llama(folder.resolve("tiny.gguf"), 7).toString();
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(2);
        // As the jobs are configured: what has no serializer of its own is refused.
        environment.configure(new Configuration().set(PipelineOptions.GENERIC_TYPES, false));
        KeyedStream<Message, String> messages =
                environment
                        .fromData(
                                new Message("a", "my money, please"),
                                new Message("b", "thank you"),
                                new Message("a", "where is it?"))
                        .assignTimestampsAndWatermarks(
                                WatermarkStrategy.<Message>forMonotonousTimestamps()
                                        .withTimestampAssigner((message, time) -> 5))
                        .keyBy(message -> message.customer);
        DataStream<String> all =
                story(messages, model)
                        .results()
                        .map(it -> it.record().customer + " " + it.results().size())
                        .union(
                                hours(messages, model)
                                        .results()
                                        .map(
                                                it ->
                                                        it.record().key()
                                                                + " hour of "
                                                                + it.record().records().size()));
        List<String> lines = new ArrayList<>();
        try (CloseableIterator<String> out = all.executeAndCollect()) {
            out.forEachRemaining(lines::add);
        }
        assertThat(lines)
                .containsExactlyInAnyOrder("a 2", "a 2", "b 2", "a hour of 2", "b hour of 1");
    }
}
