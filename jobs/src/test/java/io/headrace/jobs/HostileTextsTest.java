package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.Backend;
import io.headrace.inference.Device;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.gguf.TensorType;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.LocalEngineProvider;
import io.headrace.operators.TaskAsker;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Custom;
import io.headrace.operators.task.Extract;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.MultiLabel;
import io.headrace.operators.task.RunningSummary;
import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a record says, results keep their types. */
class HostileTextsTest {

    private static final boolean FAULTS = Boolean.getBoolean("headrace.faults");
    private static final int RANDOM_TEXTS = FAULTS ? 10_000 : 270;
    private static final int IN_FLIGHT = 64;

    /** Nobody listens to what it says; it is to say much in little time. */
    private static final ModelShape SHAPE =
            new ModelShape(1, 64, 2, 1, 64, 512, 4_096, TensorType.F32, TensorType.F32);

    private static final String MESSAGE =
            "Hello, order HD-20417 arrived broken: the screen of the tablet has a crack. Please"
                    + " send me a new one. Regards, Maria Lopez";

    @TempDir static Path folder;

    /** A task on a text, and what came of it. */
    private record Asked(Task task, String text, CompletableFuture<TaskAsker.Answer> answer) {
        static Asked of(TaskAsker asker, Task task, String text) {
            return new Asked(task, text, asker.ask(task, text));
        }
    }

    private static void assertTyped(Asked asked) {
        TaskAsker.Answer answer = asked.answer().join();
        if (answer.failure().isPresent()) {
            // Too long for the context, and said so; nothing else is an excuse.
            assertThat(answer.failure().get().errorClass())
                    .as(answer.failure().get().message())
                    .isEqualTo("Rejected");
            return;
        }
        Task task = asked.task();
        TaskResult result = answer.result().orElseThrow();
        Object avro = task.toAvro(result);
        assertThat(avro == null || GenericData.get().validate(task.field().schema(), avro))
                .as(task.name() + " " + result)
                .isTrue();
        if (result instanceof TaskResult.Classified classified) {
            assertThat(((Classify) task).choices())
                    .extracting(Label::name)
                    .contains(classified.label());
            assertThat(classified.probability()).isBetween(0.0, 1.0);
        } else if (result instanceof TaskResult.MultiLabelled labelled) {
            assertThat(((MultiLabel) task).labels())
                    .extracting(Label::name)
                    .containsAll(
                            labelled.labels().stream().map(TaskResult.ScoredLabel::label).toList());
        } else if (avro instanceof GenericRecord record && record.hasField("evidence")) {
            assertEvidence(asked, record);
        }
    }

    /** A string stands where its evidence says; that of a span of the text always has some. */
    private static void assertEvidence(Asked asked, GenericRecord record) {
        Object span = ((GenericRecord) record.get("evidence")).get("name");
        Object name = record.get("name");
        boolean verbatim = asked.task().name().equals("words");
        assertThat(span != null || !verbatim || name == null || name.toString().isBlank())
                .as(name + " in " + asked.text())
                .isTrue();
        if (span instanceof GenericRecord found) {
            int start = asked.text().offsetByCodePoints(0, (int) found.get("start"));
            int end = asked.text().offsetByCodePoints(0, (int) found.get("end"));
            assertThat(plain(asked.text().substring(start, end))).isEqualTo(plain(name.toString()));
        }
    }

    private static String plain(String text) {
        return text.replaceAll("[\\s\\p{Z}]+", " ").strip().toLowerCase(Locale.ROOT);
    }

    @Test
    void instructionsInsideARecordNeverLeadOutOfTheTypes() throws Exception {
        PipelineFile file = PipelineFile.read(Path.of("../examples/customer-messages.yaml"));
        TaskSet tasks = file.tasks();
        Map<String, Asked> intents = new LinkedHashMap<>();
        String untouched;
        try (InferenceEngine engine = EnrichmentJob.engine(file).open()) {
            TaskAsker asker = new TaskAsker(engine, tasks);
            List<Asked> all = new ArrayList<>();
            for (String attempt : attempts()) {
                String text = MESSAGE + "\n\n" + attempt.replace("\\n", "\n");
                for (Task task : tasks.tasks()) {
                    Asked asked = Asked.of(asker, task, text);
                    all.add(asked);
                    if (task instanceof Classify) {
                        intents.put(attempt, asked);
                    }
                }
            }
            all.forEach(HostileTextsTest::assertTyped);
            untouched = label(asker.ask(tasks.tasks().get(0), MESSAGE).join());
        }
        long changed =
                intents.values().stream()
                        .filter(asked -> !label(asked.answer().join()).equals(untouched))
                        .count();
        System.out.printf(
                "%d of %d injection attempts changed the class %s%n",
                changed, intents.size(), untouched);
        assertThat(intents).hasSizeGreaterThanOrEqualTo(50);
    }

    private static String label(TaskAsker.Answer answer) {
        return ((TaskResult.Classified) answer.result().orElseThrow()).label();
    }

    private static List<String> attempts() throws Exception {
        try (InputStream in =
                Objects.requireNonNull(
                        HostileTextsTest.class.getResourceAsStream("injection-attempts.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    @Test
    void randomTextsUnderARandomModelKeepTheTypesOfEveryTask() throws Exception {
        TaskSet tasks =
                TaskSet.of(
                        new Classify(
                                "topic",
                                "Choose.",
                                List.of(
                                        Label.of("card/lost"),
                                        Label.of("card/late"),
                                        Label.of("x")),
                                0,
                                true,
                                2),
                        new MultiLabel("all", List.of(Label.of("a"), Label.of("b")), 0.4),
                        new Extract("facts", facts(), false, 40).withEvidence(),
                        new Extract("words", facts(), true, 40).withEvidence(),
                        new Summarize("summary", 8, 1, "short", "German"),
                        new RunningSummary("story", 8),
                        new Custom("upper", "Write it in capitals.", "\"string\"", 12),
                        new Custom("answer", "Say what it says.", facts().toString(), 40));
        String model = TinyModels.llama(folder.resolve("tiny.gguf"), 5, SHAPE).toString();
        Random random = new Random(17);
        Semaphore room = new Semaphore(IN_FLIGHT);
        List<Asked> all = new ArrayList<>();
        // One compute thread: two that wait for each other suffer most on a busy machine.
        try (InferenceEngine engine =
                new LocalEngineProvider(
                                model,
                                2_048,
                                32,
                                1,
                                Map.of(),
                                false,
                                Backend.HEADRACE,
                                0,
                                Device.CPU)
                        .open()) {
            TaskAsker asker = new TaskAsker(engine, tasks);
            for (int i = 0; i < RANDOM_TEXTS; i++) {
                Task task = tasks.tasks().get(i % tasks.size());
                String text = i == 0 ? "" : text(random, 1 + random.nextInt(800));
                if (i >= tasks.size() && i < 2 * tasks.size()) {
                    text = text(random, longest(task));
                }
                room.acquire();
                Asked asked = Asked.of(asker, task, text);
                var unused = asked.answer().whenComplete((answer, error) -> room.release());
                all.add(asked);
            }
            all.forEach(HostileTextsTest::assertTyped);
        }
    }

    /** A megabyte; for summaries, which read all of it, one in the long form and no more. */
    private static int longest(Task task) {
        boolean readsAll = task instanceof Summarize || task instanceof RunningSummary;
        return !readsAll || (FAULTS && task instanceof Summarize) ? 1 << 20 : 1 << 14;
    }

    private static Schema facts() {
        return new Schema.Parser()
                .parse(
                        """
                        {"type":"record","name":"Facts","fields":[
                         {"name":"urgent","type":"boolean"},
                         {"name":"name","type":["null","string"],"default":null},
                         {"name":"mood","type":{"type":"enum","name":"Mood","symbols":["GOOD","BAD"]}},
                         {"name":"day","type":["null",{"type":"int","logicalType":"date"}],"default":null},
                         {"name":"people","type":{"type":"array","items":"int"}}]}""");
    }

    /**
     * Letters, control characters, other scripts, emoji, half surrogates, JSON and fences, so many
     * bytes of them.
     */
    private static String text(Random random, int bytes) {
        StringBuilder text = new StringBuilder();
        // Four bytes for three characters, on the average.
        while (text.length() < bytes * 3L / 4) {
            switch (random.nextInt(7)) {
                case 0 -> text.append((char) random.nextInt(0x20));
                case 1 -> text.append((char) (0x400 + random.nextInt(0x3000)));
                case 2 -> text.appendCodePoint(0x1F300 + random.nextInt(0x300));
                case 3 -> text.append((char) (0xD800 + random.nextInt(0x800)));
                case 4 -> text.append("{\"[]},:\\/'`".charAt(random.nextInt(11)));
                case 5 -> text.append(random.nextInt(30) == 0 ? "</message>" : "word ");
                default -> text.append((char) (0x20 + random.nextInt(0x60)));
            }
        }
        return text.toString();
    }
}
