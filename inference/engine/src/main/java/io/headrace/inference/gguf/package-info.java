/** The GGUF model format, read and checked in Java. */
package io.headrace.inference.gguf;
