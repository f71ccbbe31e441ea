/** The main job on servers of its own, with messages of its own. */
package io.headrace.jobs.demo;
