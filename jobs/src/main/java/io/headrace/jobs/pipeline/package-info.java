/** The pipeline file: its options, their validation and their defaults. */
package io.headrace.jobs.pipeline;
