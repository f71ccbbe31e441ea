package io.headrace.operators;

/** The order in which records leave the operator. Watermarks never overtake records before them. */
public enum ResultOrder {
    /** As they are done. */
    UNORDERED,
    /** Records of one key in the order they came; across keys as they are done. */
    PER_KEY,
    /** All records in the order they came. */
    ORDERED
}
