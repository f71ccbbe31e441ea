package io.headrace.inference.remote;

import io.headrace.inference.ModelLoadException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Asks whether a server is there and takes the key, before a job starts. Costs nothing. */
public final class ServerCheck {

    private ServerCheck() {}

    /**
     * Checks a server.
     *
     * @throws ModelLoadException if it cannot be reached, is not ready yet, or refuses the key
     */
    public static void check(RemoteOptions options) {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            ModelNames.check(options, new Exchange(options, threads));
        } finally {
            threads.shutdownNow();
        }
    }
}
