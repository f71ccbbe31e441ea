package io.headrace.operators;

import org.apache.flink.runtime.operators.coordination.OperatorEvent;

/** What the subtasks of an operator and its coordinator tell each other about a version. */
sealed interface VersionEvent extends OperatorEvent {

    /** Number of the control message that describes the version. */
    long number();

    /** From a subtask: it has the version loaded and tried. */
    record Ready(long number) implements VersionEvent {}

    /** From a subtask: it cannot run the version. */
    record Unfit(long number, String reason) implements VersionEvent {}

    /** To all subtasks: the version is in force from the next checkpoint on. */
    record Adopted(long number) implements VersionEvent {}

    /** To all subtasks: the version will not be in force anywhere. */
    record Refused(long number, String reason) implements VersionEvent {}
}
