package io.headrace.inference;

/** Who is waiting for the answer. Live requests are admitted before backfill requests. */
public enum ServiceClass {
    LIVE,
    BACKFILL
}
