package io.headrace.jobs.watch;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A record as the page shows it.
 *
 * @param number grows by one with each record; from 1
 * @param letter whether it is a dead letter
 * @param shown what the page is told
 */
record Card(long number, boolean letter, ObjectNode shown) {}
