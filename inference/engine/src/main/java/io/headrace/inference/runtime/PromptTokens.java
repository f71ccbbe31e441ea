package io.headrace.inference.runtime;

/**
 * A prompt as tokens.
 *
 * @param tokens all of them; not to be changed
 * @param boundaries lengths of the beginnings that other prompts may share, ascending
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared, and lists would box every token.
public record PromptTokens(int[] tokens, int[] boundaries) {}
