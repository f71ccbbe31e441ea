/** Measurements on GPUs, and what carries them to a machine that has nothing but a GPU. */
package io.headrace.benchmarks.gpu;
