/** Engines without a model, for tests and benchmarks of all that is around an engine. */
package io.headrace.jobs.testing;
