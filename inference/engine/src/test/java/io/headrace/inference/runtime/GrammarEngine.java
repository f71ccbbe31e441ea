package io.headrace.inference.runtime;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Output;
import io.headrace.inference.llama.GrammarSampler;
import io.headrace.inference.runner.ModelRunner;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Answers by generating under llama.cpp's grammar sampler, with the same scheduler, batches and
 * prefix cache as the engine: what is left as the difference is scoring labels, masks and forced
 * text.
 */
public final class GrammarEngine implements InferenceEngine {

    private final LoadedModel model;
    private final EngineOptions options;
    private final Function<Output, String> grammars;
    private final Map<String, GrammarSampler> samplers = new HashMap<>();
    private final boolean[] endsTurn;
    private final EngineLoop loop;

    /**
     * @param model must outlive this engine
     * @param grammars what is generated for an output, in GBNF
     */
    public GrammarEngine(
            LoadedModel model,
            ModelRunner runner,
            EngineOptions options,
            Function<Output, String> grammars) {
        this.model = model;
        this.options = options;
        this.grammars = grammars;
        this.endsTurn = new boolean[model.vocabulary().size()];
        for (int token : model.vocabulary().endOfTurn()) {
            endsTurn[token] = true;
        }
        this.loop =
                new EngineLoop(
                        runner,
                        new Scheduler(runner.limits(), options.sized().maxSequences()),
                        System::nanoTime,
                        () -> {});
        loop.start();
    }

    @Override
    public CompletionStage<InferenceResult> submit(InferenceRequest request) {
        Decoding decoding =
                new GrammarDecoding(
                        sampler(grammars.apply(request.output())).copy(),
                        model.vocabulary(),
                        endsTurn,
                        request.output() instanceof Output.Json json ? json.maxTokens() : 32);
        PromptTokens prompt = model.tokenize(request.prompt());
        return loop.submit(new ScheduledRequest(request, 0, prompt, decoding, System.nanoTime()));
    }

    private synchronized GrammarSampler sampler(String grammar) {
        return samplers.computeIfAbsent(
                grammar, text -> GrammarSampler.parse(options.modelPath(), text));
    }

    @Override
    public void cancel(InferenceRequest request) {
        loop.cancel(request);
    }

    @Override
    public ModelInfo model() {
        return model.info();
    }

    @Override
    public int countPromptTokens(InferenceRequest request) {
        return model.tokenize(request.prompt()).tokens().length;
    }

    @Override
    public EngineStats stats() {
        return loop.stats();
    }

    @Override
    public void close() {
        loop.close("the engine is closed");
    }
}
