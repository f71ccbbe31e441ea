/**
 * A Kafka broker and a schema registry on this machine, for the demo and for tests. Both are real
 * servers in child processes that listen on 127.0.0.1 only and never outlive their parent.
 */
package io.headrace.local;
