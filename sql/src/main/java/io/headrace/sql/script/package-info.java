/** Runs files of SQL statements with Flink's own script executor. */
package io.headrace.sql.script;
