package io.headrace.operators;

import io.headrace.inference.ServiceClass;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * How the operator works.
 *
 * @param order in which records leave
 * @param maxInFlight the most records in the operator at a time; more are back-pressured
 * @param cacheTimeToLive how long results are kept for equal texts of a key; zero keeps none. Only
 *     on keyed streams
 * @param failurePolicy what happens to failures
 * @param serviceClass who waits for the results
 */
public record EnrichmentOptions(
        ResultOrder order,
        int maxInFlight,
        Duration cacheTimeToLive,
        FailurePolicy failurePolicy,
        ServiceClass serviceClass)
        implements Serializable {

    /** 256 records in flight, a day of cache, unordered, live. */
    public static final EnrichmentOptions DEFAULT =
            new EnrichmentOptions(
                    ResultOrder.UNORDERED,
                    256,
                    Duration.ofDays(1),
                    FailurePolicy.DEFAULT,
                    ServiceClass.LIVE);

    public EnrichmentOptions {
        Objects.requireNonNull(order, "order");
        Objects.requireNonNull(failurePolicy, "failurePolicy");
        Objects.requireNonNull(serviceClass, "serviceClass");
        if (maxInFlight < 1) {
            throw new IllegalArgumentException(
                    "maxInFlight must be at least 1, not " + maxInFlight);
        }
        if (cacheTimeToLive.isNegative()) {
            throw new IllegalArgumentException(
                    "cacheTimeToLive must not be negative: " + cacheTimeToLive);
        }
    }

    public EnrichmentOptions withOrder(ResultOrder newOrder) {
        return new EnrichmentOptions(
                newOrder, maxInFlight, cacheTimeToLive, failurePolicy, serviceClass);
    }

    public EnrichmentOptions withMaxInFlight(int records) {
        return new EnrichmentOptions(order, records, cacheTimeToLive, failurePolicy, serviceClass);
    }

    public EnrichmentOptions withCacheTimeToLive(Duration timeToLive) {
        return new EnrichmentOptions(order, maxInFlight, timeToLive, failurePolicy, serviceClass);
    }

    public EnrichmentOptions withFailurePolicy(FailurePolicy policy) {
        return new EnrichmentOptions(order, maxInFlight, cacheTimeToLive, policy, serviceClass);
    }

    public EnrichmentOptions withServiceClass(ServiceClass newClass) {
        return new EnrichmentOptions(order, maxInFlight, cacheTimeToLive, failurePolicy, newClass);
    }
}
