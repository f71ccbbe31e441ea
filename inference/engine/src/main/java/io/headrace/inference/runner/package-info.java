/** The seam between the scheduler and what computes: plans in, logits out. */
package io.headrace.inference.runner;
