/** How good the answers to a task are, measured on labelled rows. */
package io.headrace.jobs.eval;
