/** Certificates, secured servers and hostile messages, for the tests of every module. */
package io.headrace.connectors.testing;
