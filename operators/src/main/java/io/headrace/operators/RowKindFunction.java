package io.headrace.operators;

import java.io.Serializable;
import org.apache.flink.types.RowKind;

/** Says what a record of a changelog does to its table. Called by the task's thread only. */
@FunctionalInterface
public interface RowKindFunction<T> extends Serializable {

    RowKind kind(T record);
}
