/** What the engine is measured with. Ratios of one run; another machine gives other ones. */
package io.headrace.benchmarks;
