/** The metrics of Headrace: their catalogue, and how they are registered with Flink. */
package io.headrace.operators.metrics;
