package io.headrace.inference;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Code that nothing of its caller outlives. What a library keeps for good when it is first used can
 * hold who was on the stack then: a thread keeps their protection domains, an exception their
 * classes. In a session cluster that would be the first job, with its class loader.
 */
final class Detached {

    private Detached() {}

    /** Runs code in a thread of its own that knows this library alone, and waits for it. */
    static <T> T call(Supplier<T> code) {
        FutureTask<T> task = new FutureTask<>(code::get);
        Thread thread = thread(task);
        thread.setContextClassLoader(Detached.class.getClassLoader());
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true; // What loads cannot be given up, or it would leak.
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @SuppressWarnings("removal") // In JDKs without it threads keep no protection domains.
    private static Thread thread(Runnable code) {
        return AccessController.doPrivileged(
                (PrivilegedAction<Thread>) () -> new Thread(code, "headrace-open"));
    }
}
