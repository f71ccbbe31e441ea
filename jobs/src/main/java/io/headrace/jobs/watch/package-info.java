/** The page that shows the records, results and prompts of a job while it runs. */
package io.headrace.jobs.watch;
