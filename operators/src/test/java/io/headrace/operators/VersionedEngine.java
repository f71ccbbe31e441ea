package io.headrace.operators;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Usage;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** An engine whose name is its model's digest; it answers after a moment, as its name says. */
final class VersionedEngine implements InferenceEngine {

    /** Engines that are open. */
    static final AtomicInteger OPEN = new AtomicInteger();

    private static final AtomicInteger READ = new AtomicInteger();
    private static final Set<String> ANSWERED = ConcurrentHashMap.newKeySet();

    private final String name;
    private final AtomicBoolean closed = new AtomicBoolean();

    private VersionedEngine(String name) {
        this.name = name;
    }

    static void reset() {
        OPEN.set(0);
        READ.set(0);
        ANSWERED.clear();
    }

    /** Whether an engine of this name was asked about a record. */
    static boolean hasAnswered(String name) {
        return ANSWERED.contains(name);
    }

    /** Opens engines of a name. */
    record Provider(String name) implements EngineProvider {

        @Override
        public InferenceEngine open() {
            if (name.equals("fails to load")) {
                throw new IllegalStateException("the file is broken");
            }
            if (name.equals("fails in one subtask") && READ.incrementAndGet() == 2) {
                throw new IllegalStateException("only subtask 1 cannot read it");
            }
            OPEN.incrementAndGet();
            return new VersionedEngine(name);
        }
    }

    @Override
    public CompletionStage<InferenceResult> submit(InferenceRequest request) {
        if (closed.get()) {
            throw new IllegalStateException("the engine is closed");
        }
        if (ScriptedEngine.textOf(request).matches("\\d+")) { // and not the loader's trial
            ANSWERED.add(name);
        }
        InferenceResult result =
                name.equals("refuses to answer")
                        ? new InferenceResult.Rejected("refused, as the test asks")
                        : new InferenceResult.Scores(List.of(0.8, 0.2), new Usage(9, 0, 1, 0, 0));
        return new CompletableFuture<InferenceResult>()
                .completeOnTimeout(
                        result, ThreadLocalRandom.current().nextInt(30), TimeUnit.MILLISECONDS);
    }

    @Override
    public void cancel(InferenceRequest request) {}

    @Override
    public ModelInfo model() {
        return new ModelInfo("scripted", name, "scripted", "none", 2048, 256);
    }

    @Override
    public int countPromptTokens(InferenceRequest request) {
        return 10;
    }

    @Override
    public EngineStats stats() {
        return EngineStats.NONE;
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            throw new IllegalStateException("the engine " + name + " was closed twice");
        }
        OPEN.decrementAndGet();
    }
}
