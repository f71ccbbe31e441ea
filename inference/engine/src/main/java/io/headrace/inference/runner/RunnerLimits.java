package io.headrace.inference.runner;

/**
 * How much a model runner can take.
 *
 * @param cells tokens in the KV cache, each counted once however many sequences share it
 * @param sequences sequences are numbered from 0 to below this
 * @param rows the most rows of a step, nodes of scoring trees included
 * @param outputs the most rows of a step whose logits are asked for
 * @param treeLeaves the most leaves of all scoring trees of a step
 * @param vocabularySize length of a row of logits
 */
public record RunnerLimits(
        int cells, int sequences, int rows, int outputs, int treeLeaves, int vocabularySize) {}
