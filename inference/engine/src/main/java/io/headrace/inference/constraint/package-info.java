/**
 * Constrained decoding: a JSON Schema becomes an automaton over the bytes of the output, and the
 * automaton, walked over a vocabulary, says which tokens may come next.
 *
 * <p>{@link io.headrace.inference.constraint.JsonConstraint} is the entry. Inside, a state is a
 * {@code Term}: what may still follow, rewritten by each byte. Every term that exists can be
 * completed, so there is no dead end to run into.
 */
package io.headrace.inference.constraint;
