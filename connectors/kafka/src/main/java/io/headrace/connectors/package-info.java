/**
 * Kafka and the schema registry at the edges of a job: records in as bytes with their origin, Avro
 * read and written under Confluent's framing, records out with a delivery guarantee, and checks
 * that say before a job starts what is missing. Knows nothing of models.
 */
package io.headrace.connectors;
