package io.headrace.operators;

import java.io.Serializable;

/**
 * Makes versions of what a control stream says. Travels with the job graph; every subtask reads
 * every message, on a thread of its own.
 */
@FunctionalInterface
public interface VersionReader extends Serializable {

    /**
     * The version that a message describes. It has the tasks of the job's own version, by name, in
     * their order, and with results of the same types.
     *
     * @throws RuntimeException if the message describes none; its message is the reason that is
     *     logged, and the version in force goes on
     */
    ModelVersion read(String message);

    /**
     * What the job's own version is, in a form that stays the same as long as it does. A job that
     * is restored with another one begins with that: what it had been switched to is forgotten.
     */
    default String base() {
        return "";
    }
}
