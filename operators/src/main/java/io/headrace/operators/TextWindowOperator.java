package io.headrace.operators;

import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.streaming.api.operators.InternalTimeServiceManager;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;

/**
 * Runs a {@link TextWindowFunction} so that checkpoints go on while many windows close.
 *
 * <p>One watermark may end the windows of all keys, and what follows is as slow as a language
 * model. Flink's own window operator would hold every barrier until the last of them has left. This
 * one runs the mails of the task between two windows; what has not been closed is in the state, and
 * the watermark leaves when all have. (Flink's interruptible timers would do the same, but not at
 * the end of input, where windows that are still open would be lost.)
 */
final class TextWindowOperator<K, T> extends KeyedProcessOperator<K, T, TextWindow<K, T>> {

    private static final long serialVersionUID = 1L;

    private transient MailboxExecutor taskMailbox;

    TextWindowOperator(TextWindowFunction<K, T> function) {
        super(function);
    }

    @Override
    public void open() throws Exception {
        super.open();
        taskMailbox =
                getContainingTask()
                        .getMailboxExecutorFactory()
                        .createExecutor(TaskMailbox.MIN_PRIORITY);
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        InternalTimeServiceManager<?> timers = getTimeServiceManager().orElseThrow();
        while (!timers.tryAdvanceWatermark(mark, taskMailbox::shouldInterrupt)) {
            taskMailbox.tryYield();
        }
        output.emitWatermark(mark);
    }
}
