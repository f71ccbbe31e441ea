/** The engine in a process of its own, behind the same interface. */
package io.headrace.inference.isolation;
