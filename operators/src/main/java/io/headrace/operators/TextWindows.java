package io.headrace.operators;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.OutputTag;

/**
 * Collects the records of each key in tumbling windows of event time, so that tasks are done on all
 * of them at once.
 *
 * <pre>{@code
 * TextWindows.Windowed<String, Message> hours =
 *         TextWindows.of(Duration.ofHours(1)).collect(messages.keyBy(…), message -> message.body());
 * Headrace.enrich(hours.windows().keyBy(TextWindow::key), hours.text()).task(new Summarize("hour", 60))…
 * }</pre>
 *
 * @param size length of the windows, which begin at multiples of it since 1970
 * @param maxCharacters of the texts of a window; when there are as many, the part that they make
 *     goes on, and the window with the next part. So the state of a key and window is bounded
 */
public record TextWindows(Duration size, int maxCharacters) implements Serializable {

    /** Some tens of thousands of tokens. */
    public static final int DEFAULT_MAX_CHARACTERS = 100_000;

    public TextWindows {
        if (size.toMillis() < 1) {
            throw new IllegalArgumentException("a window must be at least 1 ms long, not " + size);
        }
        if (maxCharacters < 1) {
            throw new IllegalArgumentException(
                    "maxCharacters must be at least 1, not " + maxCharacters);
        }
    }

    /** Windows of this size, and of the usual number of characters. */
    public static TextWindows of(Duration size) {
        return new TextWindows(size, DEFAULT_MAX_CHARACTERS);
    }

    /**
     * A stream of windows.
     *
     * @param windows when their end has passed; the windows of a key in order
     * @param late the records that came when their window had ended
     * @param text what the model sees of a window
     */
    public record Windowed<K, T>(
            SingleOutputStreamOperator<TextWindow<K, T>> windows,
            DataStream<T> late,
            TextFunction<TextWindow<K, T>> text) {}

    /**
     * Collects the records of a stream that has timestamps and watermarks.
     *
     * @param text what the model sees of a record
     */
    public <K, T> Windowed<K, T> collect(KeyedStream<T, K> stream, TextFunction<T> text) {
        Objects.requireNonNull(text, "text");
        TypeInformation<T> record = stream.getType();
        OutputTag<T> late = new OutputTag<>("late", record);
        SingleOutputStreamOperator<TextWindow<K, T>> windows =
                stream.transform(
                        "window",
                        TextWindow.typeInformation(stream.getKeyType(), record),
                        new TextWindowOperator<>(
                                new TextWindowFunction<>(this, text, record, late)));
        return new Windowed<>(windows, windows.getSideOutput(late), window -> window.text(text));
    }
}
