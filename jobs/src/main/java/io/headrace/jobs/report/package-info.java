/** What a run did, as one HTML page that needs nothing but a browser. */
package io.headrace.jobs.report;
