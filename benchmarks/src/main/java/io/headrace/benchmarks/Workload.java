package io.headrace.benchmarks;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The work that is measured: instructions of about 300 tokens, records of 40 to 160, and three
 * tasks on each. Equal seeds give equal work.
 */
public final class Workload {

    static final List<String> LABELS =
            List.of(
                    "card arrival",
                    "lost or stolen card",
                    "refund not showing up",
                    "change of address",
                    "declined payment",
                    "exchange rate",
                    "cancel the booking",
                    "other question");

    static final String SCHEMA =
            """
            {"type": "object", "required": ["name", "city", "people", "date", "urgent"],
             "properties": {
              "name": {"type": "string", "minLength": 12, "maxLength": 24},
              "city": {"type": "string", "minLength": 10, "maxLength": 20},
              "people": {"type": "integer", "minimum": 1, "maximum": 40},
              "date": {"type": "string", "format": "date"},
              "urgent": {"type": "boolean"}}}
            """;

    private static final String[] WORDS =
            ("the my card order has not arrived yet please help with refund payment address change"
                            + " booking table friday evening two people thank you very much again"
                            + " yesterday tomorrow city london berlin account app error password")
                    .split(" ", -1);

    /** What is shared between the requests of the work. */
    public enum Sharing {
        /** The instructions over all requests, the record over its tasks. */
        ALL,
        /** The instructions only. */
        INSTRUCTIONS,
        /** Nothing. */
        NONE
    }

    private final String instructions;
    private final List<String> records;
    private int unique;

    /** Makes the work for a model. */
    public Workload(InferenceEngine engine, int recordCount, long seed) {
        Random random = new Random(seed);
        instructions = text(engine, random, 300);
        records = new ArrayList<>();
        for (int i = 0; i < recordCount; i++) {
            records.add(text(engine, random, 40 + random.nextInt(121)));
        }
    }

    /** The texts of the records. */
    public List<String> records() {
        return records;
    }

    String instructions() {
        return instructions;
    }

    /** One of eight labels. */
    public InferenceRequest classify(String record, Sharing sharing) {
        return request(record, "label:", new Output.Labels(LABELS), sharing);
    }

    /** Five fields. */
    public InferenceRequest extract(String record, Sharing sharing) {
        return request(record, "data:", new Output.Json(SCHEMA, 120, Sampling.GREEDY), sharing);
    }

    /** Forty tokens. */
    public InferenceRequest summarize(String record, Sharing sharing) {
        return request(
                record, "summary:", new Output.Text(40, List.of(), Sampling.GREEDY), sharing);
    }

    private InferenceRequest request(String record, String task, Output output, Sharing sharing) {
        String own = unique++ + " ";
        String system = sharing == Sharing.NONE ? own + instructions : instructions;
        String first = sharing == Sharing.INSTRUCTIONS ? own + record : record;
        return new InferenceRequest(new Prompt(system, List.of(first, "\n" + task)), output);
    }

    /** Makes a text of about so many tokens of this engine's model. */
    private static String text(InferenceEngine engine, Random random, int tokens) {
        StringBuilder text = new StringBuilder();
        do {
            for (int i = 0; i < 5; i++) {
                text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
            }
        } while (count(engine, text.toString()) < tokens);
        return text.toString().strip();
    }

    private static int count(InferenceEngine engine, String text) {
        return engine.countPromptTokens(
                new InferenceRequest(
                        new Prompt("", List.of(text)),
                        new Output.Text(1, List.of(), Sampling.GREEDY)));
    }
}
