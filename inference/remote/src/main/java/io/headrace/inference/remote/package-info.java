/** An engine that asks model servers over HTTP: OpenAI's chat completions, Anthropic's messages. */
package io.headrace.inference.remote;
