/** A real HTTP server that answers as model servers do, well or badly. */
package io.headrace.inference.remote.testing;
