package io.headrace.operators;

import io.headrace.inference.ServiceClass;
import java.io.Serializable;
import java.util.Objects;

/**
 * How the operator works.
 *
 * @param order in which records leave
 * @param maxInFlight the most records in the operator at a time; more are back-pressured
 * @param maxInFlightTokens the most prompt tokens of records in the operator at a time; a single
 *     record may be longer. Each record counts once, with its longest prompt
 * @param cache what the result cache keeps. Only on keyed streams
 * @param failurePolicy what happens to failures
 * @param serviceClass who waits for the results
 */
public record EnrichmentOptions(
        ResultOrder order,
        int maxInFlight,
        long maxInFlightTokens,
        CacheOptions cache,
        FailurePolicy failurePolicy,
        ServiceClass serviceClass)
        implements Serializable {

    /** 256 records or 262,144 tokens in flight, a day of cache, unordered, live. */
    public static final EnrichmentOptions DEFAULT =
            new EnrichmentOptions(
                    ResultOrder.UNORDERED,
                    256,
                    262_144,
                    CacheOptions.DEFAULT,
                    FailurePolicy.DEFAULT,
                    ServiceClass.LIVE);

    public EnrichmentOptions {
        Objects.requireNonNull(order, "order");
        Objects.requireNonNull(cache, "cache");
        Objects.requireNonNull(failurePolicy, "failurePolicy");
        Objects.requireNonNull(serviceClass, "serviceClass");
        if (maxInFlight < 1) {
            throw new IllegalArgumentException(
                    "maxInFlight must be at least 1, not " + maxInFlight);
        }
        if (maxInFlightTokens < 1) {
            throw new IllegalArgumentException(
                    "maxInFlightTokens must be at least 1, not " + maxInFlightTokens);
        }
    }

    public EnrichmentOptions withOrder(ResultOrder newOrder) {
        return new EnrichmentOptions(
                newOrder, maxInFlight, maxInFlightTokens, cache, failurePolicy, serviceClass);
    }

    public EnrichmentOptions withMaxInFlight(int records) {
        return new EnrichmentOptions(
                order, records, maxInFlightTokens, cache, failurePolicy, serviceClass);
    }

    public EnrichmentOptions withMaxInFlightTokens(long tokens) {
        return new EnrichmentOptions(
                order, maxInFlight, tokens, cache, failurePolicy, serviceClass);
    }

    public EnrichmentOptions withCache(CacheOptions newCache) {
        return new EnrichmentOptions(
                order, maxInFlight, maxInFlightTokens, newCache, failurePolicy, serviceClass);
    }

    public EnrichmentOptions withFailurePolicy(FailurePolicy policy) {
        return new EnrichmentOptions(
                order, maxInFlight, maxInFlightTokens, cache, policy, serviceClass);
    }

    public EnrichmentOptions withServiceClass(ServiceClass newClass) {
        return new EnrichmentOptions(
                order, maxInFlight, maxInFlightTokens, cache, failurePolicy, newClass);
    }
}
