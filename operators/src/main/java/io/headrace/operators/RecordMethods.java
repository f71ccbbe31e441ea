package io.headrace.operators;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.runtime.ObjectMethods;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JDK's makers of {@code equals} and {@code hashCode} of records. Each keeps the type that it
 * last made one for, and with it the class loader of a job that has ended, until another record's
 * is made.
 */
final class RecordMethods {

    private static final Logger LOG = LoggerFactory.getLogger(RecordMethods.class);
    private static final MethodHandle VALUE = MethodHandles.identity(String.class);

    private RecordMethods() {}

    /** Lets go of the job's classes by making the methods once more for a type of the JDK. */
    static void forgetJob() {
        try {
            make("equals", MethodType.methodType(boolean.class, String.class, Object.class));
            make("hashCode", MethodType.methodType(int.class, String.class));
        } catch (Throwable e) {
            LOG.debug("The JDK may keep the class loader of this job until the next one", e);
        }
    }

    private static void make(String method, MethodType type) throws Throwable {
        ObjectMethods.bootstrap(
                MethodHandles.publicLookup(), method, type, String.class, "value", VALUE);
    }
}
