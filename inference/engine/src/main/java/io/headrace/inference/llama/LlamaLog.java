package io.headrace.inference.llama;

import com.sun.jna.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries llama.cpp's log to SLF4J, one level quieter than it speaks: what fails, the engine says
 * itself. Called from any native thread.
 */
final class LlamaLog implements LlamaNative.LogCallback {

    private static final Logger LOG = LoggerFactory.getLogger("io.headrace.llama");
    private static final int INFO = 2;
    private static final int WARN = 3;
    private static final int ERROR = 4;
    private static final int CONTINUATION = 5;
    private static final int LONGEST_LINE = 4096;

    private final StringBuilder line = new StringBuilder();
    private int lineLevel = INFO;
    private String firstError = "";
    private boolean flashAttention;

    @Override
    public synchronized void invoke(int level, Pointer text, Pointer userData) {
        if (level != CONTINUATION) {
            flush();
            lineLevel = level;
        }
        line.append(text.getString(0, "UTF-8"));
        if (line.length() > LONGEST_LINE || line.indexOf("\n") >= 0) {
            flush();
        }
    }

    /** Returns the first error logged since this was called before; empty where there is none. */
    synchronized String takeError() {
        String taken = firstError;
        firstError = "";
        return taken;
    }

    /** Returns whether the last context that left flash attention to llama.cpp has it. */
    synchronized boolean hasFlashAttention() {
        return flashAttention;
    }

    private void flush() {
        String message = line.toString().strip();
        line.setLength(0);
        if (message.isEmpty()) {
            return;
        }
        if (message.contains("Flash Attention")) {
            // Nothing else tells what became of 'auto'.
            flashAttention = message.endsWith("enabled");
        }
        switch (lineLevel) {
            case ERROR -> {
                firstError = firstError.isEmpty() ? message : firstError;
                LOG.warn(message);
            }
            case WARN -> LOG.info(message);
            case INFO -> LOG.debug(message);
            default -> LOG.trace(message);
        }
    }
}
