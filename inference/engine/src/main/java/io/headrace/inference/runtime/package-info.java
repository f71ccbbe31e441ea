/**
 * The engine itself: the loop, the scheduler with its prefix cache, and how each kind of output is
 * decoded. Pure Java over the seam in {@code io.headrace.inference.runner}.
 */
package io.headrace.inference.runtime;
