/** The Flink operator that enriches records, usable without YAML and without Kafka. */
package io.headrace.operators;
