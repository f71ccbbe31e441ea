package io.headrace.inference.isolation;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Media;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import io.headrace.inference.ServiceClass;
import io.headrace.inference.StepFigures;
import io.headrace.inference.Usage;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes messages as plain fields, each behind the number of its kind. Owned by one thread. */
final class MessageWriter {

    private final DataOutputStream out;

    MessageWriter(OutputStream out) {
        this.out = new DataOutputStream(new BufferedOutputStream(out, 1 << 16));
    }

    void flush() throws IOException {
        out.flush();
    }

    void write(Message message) throws IOException {
        if (message instanceof Message.Open open) {
            out.writeByte(1);
            options(open.options());
        } else if (message instanceof Message.Close) {
            out.writeByte(2);
        } else if (message instanceof Message.Cancel cancel) {
            head(3, cancel.number());
        } else if (message instanceof Message.Submit submit) {
            head(4, submit.number());
            request(submit.request());
        } else if (message instanceof Message.CountTokens count) {
            head(5, count.number());
            request(count.request());
        } else if (message instanceof Message.AskStats ask) {
            head(6, ask.number());
        } else if (message instanceof Message.Opened opened) {
            out.writeByte(7);
            model(opened.model());
        } else if (message instanceof Message.Refused refused) {
            out.writeByte(8);
            text(refused.reason());
        } else if (message instanceof Message.Ended ended) {
            head(9, ended.number());
            result(ended.result());
        } else if (message instanceof Message.Counted counted) {
            head(10, counted.number());
            out.writeInt(counted.tokens());
        } else if (message instanceof Message.Stats stats) {
            head(11, stats.number());
            stats(stats.stats());
        }
    }

    private void head(int kind, long number) throws IOException {
        out.writeByte(kind);
        out.writeLong(number);
    }

    private void options(EngineOptions options) throws IOException {
        text(options.modelPath().toAbsolutePath().toString());
        out.writeInt(options.contextTokens());
        out.writeInt(options.maxSequences());
        out.writeInt(options.maxBatchTokens());
        out.writeInt(options.threads());
        out.writeInt(options.cacheTokens());
        text(options.nativesDirectory().map(path -> path.toAbsolutePath().toString()).orElse(""));
        out.writeInt(options.adapters().size());
        for (Map.Entry<String, Path> adapter : options.adapters().entrySet()) {
            text(adapter.getKey());
            text(adapter.getValue().toAbsolutePath().toString());
        }
        text(options.cacheType().written());
        text(options.backend().written());
        out.writeInt(options.draftTokens());
        text(options.device().toString());
    }

    private void request(InferenceRequest request) throws IOException {
        text(request.prompt().system());
        texts(request.prompt().user());
        output(request.output());
        out.writeBoolean(request.serviceClass() == ServiceClass.LIVE);
        text(request.adapter().orElse(""));
        out.writeInt(request.media().size());
        for (Media media : request.media()) {
            text(media.type());
            bytes(media.data());
        }
    }

    private void output(Output output) throws IOException {
        if (output instanceof Output.Labels labels) {
            out.writeByte(1);
            texts(labels.labels());
            out.writeDouble(labels.temperature());
        } else if (output instanceof Output.Json json) {
            out.writeByte(2);
            text(json.schema());
            out.writeInt(json.maxTokens());
            sampling(json.sampling());
            text(json.sourceText());
        } else if (output instanceof Output.Text text) {
            out.writeByte(3);
            out.writeInt(text.maxTokens());
            texts(text.stop());
            sampling(text.sampling());
        }
    }

    private void sampling(Sampling sampling) throws IOException {
        out.writeDouble(sampling.temperature());
        out.writeDouble(sampling.topP());
        out.writeDouble(sampling.minP());
        out.writeLong(sampling.seed());
    }

    private void result(InferenceResult result) throws IOException {
        if (result instanceof InferenceResult.Scores scores) {
            out.writeByte(1);
            out.writeInt(scores.probabilities().size());
            for (double probability : scores.probabilities()) {
                out.writeDouble(probability);
            }
            usage(scores.usage());
        } else if (result instanceof InferenceResult.Generated generated) {
            out.writeByte(2);
            text(generated.text());
            out.writeBoolean(generated.truncated());
            usage(generated.usage());
        } else if (result instanceof InferenceResult.Rejected rejected) {
            out.writeByte(3);
            text(rejected.reason());
        } else if (result instanceof InferenceResult.Failed failed) {
            out.writeByte(4);
            text(failed.reason());
        } else {
            out.writeByte(5);
        }
    }

    private void usage(Usage usage) throws IOException {
        out.writeInt(usage.promptTokens());
        out.writeInt(usage.cachedTokens());
        out.writeInt(usage.outputTokens());
        out.writeLong(usage.queueNanos());
        out.writeLong(usage.computeNanos());
    }

    private void model(ModelInfo model) throws IOException {
        text(model.name());
        text(model.digest());
        text(model.engine());
        text(model.architecture());
        out.writeInt(model.contextTokens());
        out.writeInt(model.vocabularySize());
    }

    private void stats(EngineStats stats) throws IOException {
        out.writeLong(stats.completed());
        out.writeLong(stats.rejected());
        out.writeLong(stats.failed());
        out.writeLong(stats.cancelled());
        out.writeInt(stats.waiting());
        out.writeInt(stats.running());
        out.writeLong(stats.promptTokens());
        out.writeLong(stats.cachedTokens());
        out.writeLong(stats.outputTokens());
        out.writeLong(stats.steps());
        out.writeLong(stats.rows());
        out.writeLong(stats.stepNanos());
        out.writeLong(stats.javaNanos());
        out.writeInt(stats.usedCells());
        out.writeInt(stats.totalCells());
        figures(stats.figures());
    }

    private void figures(StepFigures figures) throws IOException {
        out.writeInt(figures.mostRows());
        out.writeLong(figures.p50Nanos());
        out.writeLong(figures.p95Nanos());
        out.writeLong(figures.p99Nanos());
        out.writeLong(figures.masks());
        out.writeLong(figures.maskNanos());
        out.writeLong(figures.draftedTokens());
        out.writeLong(figures.acceptedTokens());
        out.writeLong(figures.residentBytes());
    }

    private void texts(List<String> texts) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            text(text);
        }
    }

    private void text(String text) throws IOException {
        bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private void bytes(byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
