/** Avro schemas that Headrace writes, and their derivation from the schemas that it reads. */
package io.headrace.schemas;
