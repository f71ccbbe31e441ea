/** What the repository says in files beside the code, held against the code. */
package io.headrace.jobs.documents;
