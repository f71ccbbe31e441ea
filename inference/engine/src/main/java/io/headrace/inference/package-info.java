/**
 * The engine's public face: requests, results and the {@link io.headrace.inference.InferenceEngine}
 * that turns one into the other. Knows nothing of Flink, Kafka or Avro.
 */
package io.headrace.inference;
