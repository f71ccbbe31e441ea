package io.headrace.jobs.eval;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How well fields were extracted. A value is right when it equals the gold value: numbers by value,
 * texts without regard to space around and inside.
 */
final class ExtractionScore {

    /** Counts of one field. */
    static final class Field {
        private int right;
        private int predicted;
        private int gold;

        double precision() {
            return predicted == 0 ? 0 : (double) right / predicted;
        }

        double recall() {
            return gold == 0 ? 0 : (double) right / gold;
        }

        double f1() {
            return predicted + gold == 0 ? 0 : 2.0 * right / (predicted + gold);
        }
    }

    private final Map<String, Field> fields = new LinkedHashMap<>();
    private int rows;
    private int allRight;

    /** Counts a row; either side may lack fields. */
    void add(JsonNode gold, JsonNode predicted, Iterable<String> names) {
        boolean right = true;
        for (String name : names) {
            right &= addField(name, gold.get(name), predicted.get(name));
        }
        rows++;
        allRight += right ? 1 : 0;
    }

    private boolean addField(String name, JsonNode gold, JsonNode predicted) {
        Field field = fields.computeIfAbsent(name, key -> new Field());
        boolean isGold = present(gold);
        boolean isPredicted = present(predicted);
        boolean equal = isGold && isPredicted && equal(gold, predicted);
        field.gold += isGold ? 1 : 0;
        field.predicted += isPredicted ? 1 : 0;
        field.right += equal ? 1 : 0;
        boolean bothAbsent = !isGold && !isPredicted;
        return equal || bothAbsent;
    }

    private static boolean present(JsonNode value) {
        if (value == null || value.isNull()) {
            return false;
        }
        return !value.isTextual() || !value.asText().isBlank();
    }

    private static boolean equal(JsonNode gold, JsonNode predicted) {
        if (gold.isNumber() && predicted.isNumber()) {
            return gold.decimalValue().compareTo(predicted.decimalValue()) == 0;
        }
        return text(gold).equals(text(predicted));
    }

    private static String text(JsonNode value) {
        return value.isValueNode()
                ? value.asText().strip().replaceAll("\\s+", " ")
                : value.toString();
    }

    Map<String, Field> fields() {
        return fields;
    }

    /** F1 over the values of all fields together. */
    double microF1() {
        Field all = new Field();
        for (Field field : fields.values()) {
            all.right += field.right;
            all.gold += field.gold;
            all.predicted += field.predicted;
        }
        return all.f1();
    }

    /** Share of rows in which every field is right. */
    double exactRows() {
        return rows == 0 ? 0 : (double) allRight / rows;
    }
}
