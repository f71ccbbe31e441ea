package io.headrace.operators.state;

/**
 * How a cascade went on from a first answer that was not sure.
 *
 * @param firstConfidence of the first answer; NaN where it had none
 * @param secondAnswered whether the result is the second engine's; else the first answer stands
 */
public record Cascaded(double firstConfidence, boolean secondAnswered) {}
