/** Rows of logits, where they lie: in native memory, or in arrays where there is no library. */
package io.headrace.inference.logits;
