/**
 * llama.cpp in this process: its libraries, the JNA binding, safe wrappers, and the model runner on
 * top of them.
 */
package io.headrace.inference.llama;
