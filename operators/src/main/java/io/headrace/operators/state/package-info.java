/** Versioned serializers of what the operator emits and keeps in checkpoints. */
package io.headrace.operators.state;
