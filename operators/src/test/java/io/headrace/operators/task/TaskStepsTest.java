package io.headrace.operators.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Usage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

/** What tasks ask and what they make of the answers. */
class TaskStepsTest {

    private static final Usage USAGE = new Usage(1, 0, 1, 0, 0);

    private static Step.Ask ask(Task task, String text, InferenceResult.Completed... answers) {
        return (Step.Ask) task.step(text, List.of(answers), TestBudget.WIDE);
    }

    private static TaskResult result(Task task, InferenceResult.Completed... answers) {
        return ((Step.Done) task.step("text", List.of(answers), TestBudget.WIDE)).result();
    }

    private static InferenceResult.Scores scores(Double... probabilities) {
        return new InferenceResult.Scores(List.of(probabilities), USAGE);
    }

    private static InferenceResult.Generated text(String text) {
        return new InferenceResult.Generated(text, false, USAGE);
    }

    private static List<Label> labels(String... names) {
        return Stream.of(names).map(Label::of).toList();
    }

    @Test
    void asksForEachOfSeveralLabelsWhetherItFits() {
        MultiLabel task = new MultiLabel("topics", labels("lost_card", "refund"), 0.5);
        Step.Ask ask = ask(task, "text");
        assertThat(ask.questions())
                .extracting(Question::suffix)
                .containsExactly(
                        "\nLabel: lost card\nDoes it fit, yes or no?",
                        "\nLabel: refund\nDoes it fit, yes or no?");
        assertThat(ask.questions())
                .extracting(Question::output)
                .containsOnly(new Output.Labels(List.of("yes", "no")));
    }

    @Test
    void givesTheLabelsThatReachTheThresholdTheMostProbableFirst() {
        MultiLabel task = new MultiLabel("topics", labels("a", "b", "c"), 0.5);
        TaskResult result = result(task, scores(0.5, 0.5), scores(0.2, 0.8), scores(0.9, 0.1));
        assertThat(result)
                .isEqualTo(
                        new TaskResult.MultiLabelled(
                                List.of(
                                        new TaskResult.ScoredLabel("c", 0.9),
                                        new TaskResult.ScoredLabel("a", 0.5))));
        List<?> avro = (List<?>) task.toAvro(result);
        assertThat(GenericData.get().validate(task.field().schema(), avro)).isTrue();
        assertThat(((GenericRecord) avro.get(0)).get("label")).isEqualTo("c");
        assertThat(
                        (List<?>)
                                task.toAvro(
                                        result(
                                                task,
                                                scores(0., 1.),
                                                scores(0., 1.),
                                                scores(0., 1.))))
                .isEmpty();
    }

    private static Classify topics(double abstainBelow, boolean none) {
        return new Classify(
                "topic",
                "Choose.",
                labels("card/lost", "card/stolen", "refund", "card/arrival/late"),
                abstainBelow,
                none,
                1);
    }

    @Test
    void fallsBackToTheParentThatIsSureWhereNoChildIs() {
        TaskResult.Classified classified =
                (TaskResult.Classified) result(topics(0.6, false), scores(0.35, 0.3, 0.2, 0.15));
        assertThat(classified.label()).isEqualTo("card");
        assertThat(classified.probability()).isCloseTo(0.8, within(1e-9));
        assertThat(classified.runnerUp()).isEqualTo(Optional.of("refund"));
        assertThat(classified.margin()).isCloseTo(0.6, within(1e-9));
        assertThat(classified.abstained()).isFalse();
    }

    @Test
    void keepsTheChildThatIsSureAndAbstainsWhereNoParentIs() {
        assertThat(
                        ((TaskResult.Classified)
                                        result(topics(0.3, false), scores(.35, .3, .2, .15)))
                                .label())
                .isEqualTo("card/lost");
        TaskResult.Classified unsure =
                (TaskResult.Classified) result(topics(0.9, false), scores(.35, .3, .2, .15));
        assertThat(unsure.abstained()).isTrue();
        assertThat(unsure.label()).isEqualTo("card/lost");
    }

    @Test
    void noneOfTheseIsAChoiceThatMakesTheResultNull() {
        Classify task = topics(0.5, true);
        Output.Labels output = (Output.Labels) ask(task, "text").questions().get(0).output();
        assertThat(output.labels()).endsWith("none of these").hasSize(5);
        TaskResult none = result(task, scores(.1, .1, .1, .1, .6));
        assertThat(((TaskResult.Classified) none).abstained()).isTrue();
        assertThat(task.toAvro(none)).isNull();
        assertThatThrownBy(() -> new Classify("t", "i", labels("none_of_these", "a"), 0, true, 1))
                .hasMessageContaining("look the same");
    }

    @Test
    void showsExamplesAndPassesTheTemperatureOn() {
        Label label = new Label("refund", "money back", List.of("give it back", "my money"));
        Classify task = new Classify("t", "i", List.of(label, Label.of("other")), 0, false, 1.7);
        assertThat(task.details())
                .isEqualTo(
                        "Labels:\nrefund: money back (for example: \"give it back\"; \"my money\")\nother");
        Output.Labels output = (Output.Labels) ask(task, "text").questions().get(0).output();
        assertThat(output.temperature()).isEqualTo(1.7);
    }

    @Test
    void takesHundredsOfLabels() {
        List<Label> many = IntStream.range(0, 500).mapToObj(i -> Label.of("class " + i)).toList();
        Classify task = new Classify("t", many, 0);
        Double[] probabilities = new Double[500];
        Arrays.fill(probabilities, 0.001);
        probabilities[321] = 0.501;
        assertThat(((TaskResult.Classified) result(task, scores(probabilities))).label())
                .isEqualTo("class 321");
    }

    @Test
    void customAnswersTakeTheFormOfAnyAvroType() {
        Custom translation = new Custom("german", "Translate it to German.", "\"string\"", 100);
        TaskResult result = result(translation, text("\"Guten Tag\""));
        assertThat(translation.toAvro(result)).hasToString("Guten Tag");
        assertThatThrownBy(() -> result(translation, text("17")))
                .isInstanceOf(ResultConversionException.class);
        Custom score =
                new Custom(
                        "anger",
                        "Say how angry the writer is.",
                        """
                        {"type":"record","name":"Anger","fields":[
                         {"name":"level","type":"int","doc":"from 0 to 10"},
                         {"name":"why","type":["null","string"],"default":null}]}""",
                        100);
        assertThat(score.details()).contains("level (integer): from 0 to 10");
        GenericRecord datum =
                (GenericRecord) score.toAvro(result(score, text("{\"level\":7,\"why\":null}")));
        assertThat(datum.get("level")).isEqualTo(7);
    }

    @Test
    void asksOnceForATextThatFits() {
        Summarize task = new Summarize("summary", 5);
        assertThat(ask(task, "One sentence. Another.").questions()).hasSize(1);
        assertThat(result(task, text(" Short. \n"))).isEqualTo(new TaskResult.Summarized("Short."));
    }

    @Test
    void dropsSentencesOverTheLimit() {
        Summarize task = new Summarize("summary", 50, 2, "for a support agent", "German");
        assertThat(task.instruction())
                .contains("2 sentences")
                .contains("Style: for a support agent.")
                .contains("Write in German.");
        assertThat(result(task, text("First. Second! Third? Fourth.")))
                .isEqualTo(new TaskResult.Summarized("First. Second!"));
    }

    @Test
    void reducesALongTextInRoundsUntilOneSummaryIsLeft() {
        Summarize task = new Summarize("summary", 5);
        TestBudget budget = new TestBudget(60);
        String text =
                IntStream.range(0, 200)
                        .mapToObj(i -> "This is sentence number " + i + " of the text.")
                        .collect(Collectors.joining(" "));
        List<InferenceResult.Completed> answers = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        int rounds = 0;
        Step step = task.step(text, answers, budget);
        while (step instanceof Step.Ask ask) {
            for (Question question : ask.questions()) {
                assertThat(budget.promptTokens(question) + 5).isLessThanOrEqualTo(60);
                seen.addAll(
                        TextChunks.sentences(question.text()).stream().map(String::strip).toList());
                answers.add(text("Part " + rounds + " is short."));
            }
            rounds++;
            step = task.step(text, answers, budget);
        }
        assertThat(rounds).isEqualTo(3);
        assertThat(seen)
                .containsAll(TextChunks.sentences(text).stream().map(String::strip).toList());
        assertThat(((Step.Done) step).result())
                .isEqualTo(new TaskResult.Summarized("Part 2 is short."));
    }

    @Test
    void saysWhenTheContextHasNoRoomForRounds() {
        Summarize task = new Summarize("summary", 40);
        assertThatThrownBy(() -> task.step("word ".repeat(300), List.of(), new TestBudget(100)))
                .isInstanceOf(ResultConversionException.class)
                .hasMessageContaining("raise model.contextTokens");
    }

    @Test
    void chunksHoldTheWholeTextFitAndOverlapByASentence() {
        Random random = new Random(3);
        for (int round = 0; round < 300; round++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(400);
            for (int i = 0; i < length; i++) {
                text.append(Integer.toString(random.nextInt(100_000), 36));
                text.append(random.nextInt(9) == 0 ? ". " : random.nextInt(40) == 0 ? "" : " ");
            }
            int limit = 3 + random.nextInt(60);
            String whole = text.toString();
            List<String> chunks = TextChunks.split(whole, part -> TestBudget.words(part) <= limit);
            assertThat(chunks).allMatch(chunk -> TestBudget.words(chunk) <= limit);
            int from = 0;
            for (String chunk : chunks) {
                int at = whole.indexOf(chunk, Math.max(0, from - chunk.length()));
                assertThat(at).isNotNegative();
                assertThat(whole.substring(Math.min(from, at), at)).isBlank();
                from = Math.max(from, at + chunk.length());
            }
            assertThat(whole.substring(from)).isBlank();
        }
    }

    @Test
    void chunkingLooksAtALongTextAFewTimesOnly() {
        String text = "Some sentence of the text, neither long nor short. ".repeat(20_000);
        long[] looked = {0};
        List<String> chunks =
                TextChunks.split(
                        text,
                        part -> {
                            looked[0] += part.length();
                            return part.length() <= 2_000;
                        });
        assertThat(chunks).hasSizeGreaterThan(500);
        assertThat(looked[0]).isLessThan(20L * text.length());
    }

    @Test
    void chunksATextWithoutBorders() {
        String text = "\uD83D\uDE00".repeat(1_000);
        List<String> chunks = TextChunks.split(text, part -> part.length() <= 100);
        assertThat(String.join("", chunks)).isEqualTo(text);
        assertThat(chunks).allMatch(chunk -> chunk.codePoints().allMatch(c -> c == 0x1F600));
    }

    @Test
    void stringsAreAsLongAsSchemaOrTaskSay() {
        Schema schema =
                new Schema.Parser()
                        .parse(
                                """
                                {"type":"record","name":"R","fields":[
                                 {"name":"plain","type":"string"},
                                 {"name":"typed","type":["null",{"type":"string","maxLength":9}]},
                                 {"name":"field","maxLength":7,"type":{"type":"array","items":"string"}}]}""");
        assertThat(jsonSchema(new Extract("x", schema, false, 100)))
                .contains("\"plain\":{\"type\":\"string\",\"maxLength\":256}")
                .contains("\"maxLength\":9}")
                .contains("\"items\":{\"type\":\"string\",\"maxLength\":7}");
        assertThat(jsonSchema(new Custom("x", "Translate.", "\"string\"", 1_000)))
                .isEqualTo("{\"type\":\"string\",\"maxLength\":16000}");
        assertThat(jsonSchema(new Custom("x", "Say.", "{\"type\":\"string\",\"maxLength\":3}", 9)))
                .isEqualTo("{\"type\":\"string\",\"maxLength\":3}");
        for (String length : List.of("0", "1000001", "\"9\"")) {
            assertThatThrownBy(
                            () ->
                                    new Custom(
                                            "x",
                                            "Say.",
                                            "{\"type\":\"string\",\"maxLength\":" + length + "}",
                                            9))
                    .hasMessageContaining("maxLength must be a number from 1 to 1000000");
        }
    }

    private static String jsonSchema(Task task) {
        return ((Output.Json) ask(task, "text").questions().get(0).output()).schema();
    }

    @Test
    void aRunningSummaryPutsWhatIsNewBelowTheSummarySoFar() {
        RunningSummary task = new RunningSummary("story", 5);
        assertThat(task.text("", "first")).isEqualTo("first");
        assertThat(task.text("It was {text}.", "{before}"))
                .isEqualTo("Summary so far:\nIt was {text}.\n\nNew:\n{before}");
        assertThat(result(task, text(" Both. "))).isEqualTo(new TaskResult.Summarized("Both."));
    }
}
