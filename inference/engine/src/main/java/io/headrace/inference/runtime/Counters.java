package io.headrace.inference.runtime;

/**
 * Running totals of one engine. Written by its thread only; {@link LocalEngine} publishes copies.
 */
final class Counters {
    long completed;
    long rejected;
    long failed;
    long cancelled;
    int waiting;
    int running;
    long promptTokens;
    long cachedTokens;
    long outputTokens;
    long steps;
    long rows;
    long stepNanos;
    long javaNanos;
    int usedCells;
    int totalCells;
    long masks;
    long maskNanos;
    long draftedTokens;
    long acceptedTokens;
}
