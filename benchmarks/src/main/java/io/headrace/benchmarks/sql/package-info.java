/** Flink SQL on the engine against the same SQL over one HTTP request a row. */
package io.headrace.benchmarks.sql;
