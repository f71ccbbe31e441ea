/** Pipelines as Flink jobs. */
package io.headrace.jobs;
