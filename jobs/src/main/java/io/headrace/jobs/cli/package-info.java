/** The command line. */
package io.headrace.jobs.cli;
