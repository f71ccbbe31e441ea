package io.headrace.sql;

import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.functions.FunctionContext;

/** What the functions do, however Flink calls them. Used by the task's thread only. */
final class LlmRuntime implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Labels and schemas are literals as a rule; those of columns must not fill the memory. */
    private static final int MOST_PROMPTS = 64;

    private final LlmCall call;
    private final FunctionSettings settings;

    private transient EngineSession session;
    private transient Map<List<Object>, TaskPrompt> prompts;

    LlmRuntime(LlmCall call, FunctionSettings settings) {
        this.call = call;
        this.settings = settings;
    }

    LlmCall call() {
        return call;
    }

    void open(FunctionContext context) {
        prompts = new Prompts();
        session = EngineSession.open(settings.engines(), settings.limits(), context);
    }

    void close() {
        if (session != null) {
            session.close();
        }
    }

    /** Asks the model; the future is null for a row without text, or that failed and may. */
    CompletionStage<Object> ask(Object... arguments) {
        if (Arrays.asList(arguments).contains(null)) {
            return CompletableFuture.completedFuture(null);
        }
        List<Object> key = Arrays.asList(arguments).subList(1, arguments.length);
        TaskPrompt prompt = prompts.get(key);
        if (prompt == null) {
            prompt = session.prepare(call.task(arguments));
            prompts.put(List.copyOf(key), prompt);
        }
        return session.ask(prompt, ((StringData) arguments[0]).toString()).thenApply(this::value);
    }

    /** Asks and waits; an interrupt ends the wait. */
    Object answer(Object... arguments) throws Exception {
        try {
            return ask(arguments).toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private Object value(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed && settings.policy() == ErrorPolicy.FAIL) {
            throw new RowFailedException(failed);
        }
        return outcome instanceof Outcome.Answered answered ? call.value(answered) : null;
    }

    /** Forgets the question that was longest not asked. */
    private static final class Prompts extends LinkedHashMap<List<Object>, TaskPrompt> {
        private static final long serialVersionUID = 1L;

        Prompts() {
            super(MOST_PROMPTS, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Object>, TaskPrompt> eldest) {
            return size() > MOST_PROMPTS;
        }
    }
}
