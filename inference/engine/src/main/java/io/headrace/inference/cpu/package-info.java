/** Headrace's own CPU engine: the binding of the C library and a model runner on it. */
package io.headrace.inference.cpu;
