/** Prompts as a model wants them written. */
package io.headrace.inference.chat;
