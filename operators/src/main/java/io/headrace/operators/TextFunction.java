package io.headrace.operators;

import java.io.Serializable;

/** Makes the text that the model sees of a record. Called by the task's thread only. */
@FunctionalInterface
public interface TextFunction<T> extends Serializable {

    /**
     * Makes the text.
     *
     * @return the text, or null where nothing is to be asked: the record leaves without results
     * @throws UnusableRecordException if this record can never have a text: it becomes a dead
     *     letter
     * @throws Exception if something failed that can pass: the job fails and is restarted by Flink
     */
    String text(T record) throws Exception;

    /**
     * Makes the text of a record, which must hold something, or null where nothing is to be asked.
     *
     * @throws UnusableRecordException if it does not, or the function throws that
     * @throws Exception if something failed that can pass
     */
    static <T> String nonBlank(TextFunction<T> function, T record) throws Exception {
        String text = function.text(record);
        if (text != null && text.isBlank()) {
            throw new UnusableRecordException(
                    Failure.Stage.RENDER, "EmptyText", "the record's text is empty");
        }
        return text;
    }
}
