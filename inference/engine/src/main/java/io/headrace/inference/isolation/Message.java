package io.headrace.inference.isolation;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;

/** What the two processes say to each other. Calls carry a number, and so do their replies. */
sealed interface Message {

    /** To the child, once and first: what engine to open. */
    record Open(EngineOptions options) implements Message {}

    /** To the child: end the step in flight, fail the rest, and go. */
    record Close() implements Message {}

    /** To the child: give up the request of a number. */
    record Cancel(long number) implements Message {}

    /** To the child: something to be answered. */
    sealed interface Call extends Message {
        long number();
    }

    record Submit(long number, InferenceRequest request) implements Call {}

    record CountTokens(long number, InferenceRequest request) implements Call {}

    record AskStats(long number) implements Call {}

    /** From the child: the engine is open. */
    record Opened(ModelInfo model) implements Message {}

    /** From the child: the engine cannot be opened, and why. */
    record Refused(String reason) implements Message {}

    /** From the child: the answer to a call. */
    sealed interface Reply extends Message {
        long number();
    }

    record Ended(long number, InferenceResult result) implements Reply {}

    record Counted(long number, int tokens) implements Reply {}

    record Stats(long number, EngineStats stats) implements Reply {}
}
