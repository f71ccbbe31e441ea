/**
 * Headrace in Flink SQL: the model provider behind {@code CREATE MODEL} and {@code ML_PREDICT}, and
 * the functions of {@code LOAD MODULE headrace}.
 */
package io.headrace.sql;
