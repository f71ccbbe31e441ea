package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import java.util.List;

/** Reads what an engine answered. */
final class Answers {

    private Answers() {}

    /**
     * The probabilities of labels.
     *
     * @throws ResultConversionException if the answer has not so many, or they are no numbers
     */
    static List<Double> scores(InferenceResult.Completed answer, int labels) {
        if (!(answer instanceof InferenceResult.Scores scores)) {
            throw new ResultConversionException("the engine gave no label scores");
        }
        List<Double> probabilities = scores.probabilities();
        if (probabilities.size() != labels) {
            throw new ResultConversionException(
                    "the engine scored " + probabilities.size() + " of " + labels + " labels");
        }
        for (Double probability : probabilities) {
            if (probability.isNaN()) {
                throw new ResultConversionException("the engine's probabilities are not numbers");
            }
        }
        return probabilities;
    }

    /**
     * The text that was generated.
     *
     * @throws ResultConversionException if there is none
     */
    static String text(InferenceResult.Completed answer) {
        if (!(answer instanceof InferenceResult.Generated generated)) {
            throw new ResultConversionException("the engine gave no text");
        }
        return generated.text();
    }
}
