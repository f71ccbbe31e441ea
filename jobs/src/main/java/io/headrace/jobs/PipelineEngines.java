package io.headrace.jobs;

import io.headrace.inference.Backend;
import io.headrace.inference.CacheType;
import io.headrace.inference.Device;
import io.headrace.inference.remote.Budget;
import io.headrace.inference.remote.Endpoint;
import io.headrace.inference.remote.Prices;
import io.headrace.inference.remote.RemoteOptions;
import io.headrace.inference.remote.RequestLimits;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.PipelineFileException;
import io.headrace.jobs.pipeline.Remote;
import io.headrace.jobs.pipeline.Secrets;
import io.headrace.jobs.pipeline.TaskSpec;
import io.headrace.operators.Cascade;
import io.headrace.operators.EngineProvider;
import io.headrace.operators.EngineUse;
import io.headrace.operators.LocalEngineProvider;
import io.headrace.operators.RemoteEngineProvider;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The engines that a pipeline file names, with secrets filled in.
 *
 * @param file the file
 * @param known those of models whose secrets are filled in already
 */
record PipelineEngines(PipelineFile file, Map<Pipeline.Model, EngineProvider> known) {

    private static final double NANOS = 1e9;

    PipelineEngines(PipelineFile file) {
        this(file, Map.of());
    }

    /** The engine of {@code model}, with the cascades of the tasks. */
    EngineProvider provider() {
        Map<String, Cascade> cascades = new HashMap<>();
        for (TaskSpec task : file.pipeline().tasks()) {
            if (task.cascade() != null) {
                cascades.put(task.name(), cascade(task.cascade()));
            }
        }
        return new EngineUse(cascades, prices(file.pipeline().referencePrice()))
                .of(provider(file.pipeline().model()));
    }

    private Cascade cascade(TaskSpec.Cascade cascade) {
        Pipeline.Model second = file.pipeline().models().get(cascade.model());
        boolean keepsFirst =
                second.path() == null
                        && second.remote().budget() != null
                        && second.remote().budget().whenSpent() == Remote.WhenSpent.LOCAL;
        return new Cascade(cascade.below(), provider(second), keepsFirst);
    }

    EngineProvider provider(Pipeline.Model model) {
        if (known.containsKey(model)) {
            return known.get(model);
        }
        if (model.remote() == null) {
            return local(model);
        }
        RemoteEngineProvider remote = new RemoteEngineProvider(options(model.remote()));
        return model.path() == null ? remote : remote.withFallback(local(model));
    }

    private LocalEngineProvider local(Pipeline.Model model) {
        return new LocalEngineProvider(
                file.modelPath(model).toString(),
                model.contextTokens(),
                model.maxSequences(),
                model.threads(),
                file.adapters(model),
                model.isolated(),
                Backend.valueOf(model.engine().name()),
                model.draftTokens(),
                Device.of(model.device()),
                CacheType.valueOf(model.cacheType().name()));
    }

    /** The servers that are asked. */
    List<RemoteOptions> servers() {
        List<RemoteOptions> servers = new ArrayList<>();
        for (Pipeline.Model model : file.models()) {
            if (model.remote() != null) {
                servers.add(options(model.remote()));
            }
        }
        return servers;
    }

    private RemoteOptions options(Remote remote) {
        Map<String, String> headers = new HashMap<>();
        remote.headers().forEach((name, value) -> headers.put(name, Secrets.resolve(value)));
        Endpoint endpoint =
                new Endpoint(
                        switch (remote.api()) {
                            case OPENAI -> Endpoint.Api.OPENAI;
                            case ANTHROPIC -> Endpoint.Api.ANTHROPIC;
                        },
                        url(remote),
                        remote.model(),
                        Secrets.resolve(remote.apiKey()),
                        headers,
                        remote.logprobs());
        return new RemoteOptions(
                endpoint,
                remote.contextTokens(),
                new RequestLimits(
                        remote.concurrency(),
                        remote.requestsPerMinute(),
                        remote.tokensPerMinute(),
                        remote.timeout()),
                prices(remote.price()),
                budget(remote.budget()),
                RemoteOptions.Share.WHOLE);
    }

    private URI url(Remote remote) {
        try {
            return URI.create(Secrets.resolve(remote.url()));
        } catch (IllegalArgumentException e) {
            throw new PipelineFileException(
                    file.path() + ": remote.url: expected an http or https URL");
        }
    }

    private static Prices prices(Remote.Price price) {
        return price == null
                ? Prices.FREE
                : new Prices(price.input(), price.cachedInput(), price.output());
    }

    private static Budget budget(Remote.Budget budget) {
        if (budget == null) {
            return Budget.NONE;
        }
        return new Budget(
                budget.tokens() == null ? Long.MAX_VALUE : budget.tokens(),
                budget.money() == null ? Long.MAX_VALUE : Math.round(budget.money() * NANOS),
                budget.per() == null ? Duration.ZERO : budget.per(),
                budget.whenSpent() == Remote.WhenSpent.HOLD);
    }
}
