package io.headrace.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Extract;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.PromptBudget;
import io.headrace.operators.task.Question;
import io.headrace.operators.task.Step;
import io.headrace.operators.task.Summarize;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.avro.Schema;

/**
 * The work that is measured: messages of customers of 40 to 160 tokens, about 300 tokens of
 * instructions, and three tasks on each message, in the prompts that a job would send. Equal seeds
 * give equal work.
 *
 * <p>Records are new in each round, as in a stream: another number stands before the texts, so that
 * nothing of them is held from the round before.
 */
public final class Workload {

    private static final int LEAST_TOKENS = 40;
    private static final int MOST_TOKENS = 160;
    private static final int INSTRUCTION_TOKENS = 300;

    private static final List<Label> LABELS =
            List.of(
                    new Label("order_status", "where is an order, when will it arrive"),
                    new Label("damaged_item", "a product arrived broken or does not work"),
                    new Label("return_request", "wants to send a product back"),
                    new Label("refund_missing", "a promised refund has not been paid yet"),
                    new Label("cancel_order", "wants to cancel an order"),
                    new Label("double_charge", "was charged twice or too much"),
                    new Label("login_problem", "cannot log in to the account"),
                    new Label("lost_card", "a payment card is lost or stolen"));

    private static final Schema SCHEMA =
            new Schema.Parser()
                    .parse(
                            """
                            {"type": "record", "name": "Fields", "fields": [
                             {"name": "product", "type": ["null", "string"], "maxLength": 40,
                              "doc": "the product the message is about"},
                             {"name": "order_number", "type": ["null", "string"], "maxLength": 20,
                              "doc": "the order number as written"},
                             {"name": "currency", "type": ["null", {"type": "enum",
                              "name": "Currency", "symbols": ["EUR", "USD", "GBP", "CHF"]}],
                              "doc": "the currency of the amount"},
                             {"name": "date", "type": ["null",
                              {"type": "int", "logicalType": "date"}],
                              "doc": "the date in the message"},
                             {"name": "customer_name", "type": ["null", "string"],
                              "maxLength": 40, "doc": "the name of the customer"}]}
                            """);

    private static final Task CLASSIFY = new Classify("intent", LABELS, 0);
    private static final Extract EXTRACT = new Extract("fields", SCHEMA, false, 120);
    private static final Task SUMMARIZE = new Summarize("summary", 40);

    /** No text of this work is cut. */
    private static final PromptBudget ROOM =
            new PromptBudget() {
                @Override
                public int contextTokens() {
                    return 2048;
                }

                @Override
                public int promptTokens(Question question) {
                    return 0;
                }
            };

    /** What is shared between the requests of the work. */
    public enum Sharing {
        /** The instructions over all requests, the record over its tasks. */
        ALL,
        /** The instructions only. */
        INSTRUCTIONS,
        /** Nothing. */
        NONE
    }

    private final Task extract;
    private final TaskSet tasks;
    private final String instructions;
    private final List<String> texts;
    private List<String> last = List.of();
    private int drawn;
    private int unique;

    /**
     * Makes the work for a model.
     *
     * @param seed where in the messages the work begins
     */
    public Workload(InferenceEngine engine, int recordCount, long seed) {
        this(engine, EXTRACT, texts(engine, recordCount, seed));
    }

    private Workload(InferenceEngine engine, Task extract, List<String> texts) {
        this.extract = extract;
        this.tasks = TaskSet.of(CLASSIFY, extract, SUMMARIZE);
        this.instructions = cut(engine, tasks.systemMessage());
        this.texts = texts;
    }

    /** A model of random weights has small tokens, and understands a part as well as the whole. */
    private static String cut(InferenceEngine engine, String text) {
        int tokens = tokens(engine, text);
        return tokens <= INSTRUCTION_TOKENS
                ? text
                : text.substring(0, text.length() * INSTRUCTION_TOKENS / tokens);
    }

    private static List<String> texts(InferenceEngine engine, int count, long seed) {
        List<String> messages = messages();
        List<String> texts = new ArrayList<>();
        int start = (int) Math.floorMod(seed * 37, (long) messages.size());
        for (int i = 0; i < messages.size() && texts.size() < count; i++) {
            String text = messages.get((start + i) % messages.size());
            int tokens = tokens(engine, text);
            if (tokens >= LEAST_TOKENS && tokens <= MOST_TOKENS) {
                texts.add(text);
            }
        }
        for (int i = 0; texts.size() < count; i++) {
            texts.add(texts.get(i));
        }
        return texts;
    }

    /** The same work with the compact layout for extraction. */
    Workload compact(InferenceEngine engine) {
        return new Workload(engine, EXTRACT.withCompactLayout(), texts);
    }

    /** What a round asks, by the names of the work. */
    public static Map<String, Function<Workload, List<InferenceRequest>>> rounds() {
        Map<String, Function<Workload, List<InferenceRequest>>> rounds = new LinkedHashMap<>();
        rounds.put("classify", work -> work.classify(Sharing.ALL));
        rounds.put("extract", work -> work.extract(Sharing.ALL));
        rounds.put("summarize", work -> work.summarize(Sharing.ALL));
        rounds.put("all three", work -> work.allTasks(Sharing.ALL));
        return rounds;
    }

    private List<String> records() {
        List<String> records = new ArrayList<>(texts.size());
        for (String text : texts) {
            records.add((100_000 + drawn++) + " " + text);
        }
        last = records;
        return records;
    }

    /** One of eight labels for each record. */
    public List<InferenceRequest> classify(Sharing sharing) {
        return requests(records(), List.of(CLASSIFY), sharing);
    }

    /** Five fields of each record. */
    public List<InferenceRequest> extract(Sharing sharing) {
        return requests(records(), List.of(extract), sharing);
    }

    /** Five fields of each record of the last round, as a further task asks for them. */
    List<InferenceRequest> extractAgain() {
        return requests(last, List.of(extract), Sharing.ALL);
    }

    /** Forty tokens about each record. */
    public List<InferenceRequest> summarize(Sharing sharing) {
        return requests(records(), List.of(SUMMARIZE), sharing);
    }

    /** The three tasks on each record. */
    public List<InferenceRequest> allTasks(Sharing sharing) {
        return requests(records(), tasks.tasks(), sharing);
    }

    private List<InferenceRequest> requests(
            List<String> records, List<Task> asked, Sharing sharing) {
        List<InferenceRequest> requests = new ArrayList<>();
        for (String record : records) {
            for (Task task : asked) {
                requests.add(request(record, task, sharing));
            }
        }
        return requests;
    }

    private InferenceRequest request(String record, Task task, Sharing sharing) {
        String own = unique++ + " ";
        String system = sharing == Sharing.NONE ? own + instructions : instructions;
        String text = sharing == Sharing.INSTRUCTIONS ? own + record : record;
        Question question = ((Step.Ask) task.step(text, List.of(), ROOM)).questions().get(0);
        return new InferenceRequest(tasks.prompt(system, task, question), question.output());
    }

    /** The held-out messages of the bundled model, in the order of the file. */
    private static List<String> messages() {
        List<String> messages = new ArrayList<>();
        ObjectMapper mapper = new ObjectMapper();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        Workload.class.getResourceAsStream(
                                                "/messages-heldout.jsonl"),
                                        "messages-heldout.jsonl"),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode message = mapper.readTree(line);
                String intent = message.get("intent").asText();
                if (LABELS.stream().anyMatch(label -> label.name().equals(intent))) {
                    messages.add(message.get("text").asText());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return messages;
    }

    private static int tokens(InferenceEngine engine, String text) {
        return engine.countPromptTokens(
                new InferenceRequest(
                        new Prompt("", List.of(text)),
                        new Output.Text(1, List.of(), Sampling.GREEDY)));
    }
}
