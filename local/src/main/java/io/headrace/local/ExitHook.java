package io.headrace.local;

/**
 * Closes a resource when this process exits without having done so, after Ctrl-C for example. Close
 * it once the resource is closed.
 */
final class ExitHook implements AutoCloseable {

    private final Thread hook;

    private ExitHook(Thread hook) {
        this.hook = hook;
    }

    static ExitHook running(Runnable action) {
        Thread hook = new Thread(action, "local-server-exit");
        Runtime.getRuntime().addShutdownHook(hook);
        return new ExitHook(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The exit is under way, and this is perhaps the hook itself.
        }
    }
}
