package io.headrace.local;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A main method around another one that ends the process when its parent ends.
 *
 * <p>The parent holds the other end of the standard input and writes nothing. However the parent
 * dies, kill -9 included, the kernel closes the pipe; the end of the stream then halts this process
 * at once, without shutdown hooks that could block. A directory that only the two of them use can
 * go with it.
 */
public final class ParentWatch {

    private static final String DELETE = "--delete";

    private ParentWatch() {}

    /** Runs {@code [--delete DIRECTORY] MAIN_CLASS ARGUMENT...}. */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        boolean deletes = arguments.length > 1 && arguments[0].equals(DELETE);
        Optional<Path> directory = deletes ? Optional.of(Path.of(arguments[1])) : Optional.empty();
        int first = deletes ? 2 : 0;
        if (arguments.length <= first) {
            throw new IllegalArgumentException("ParentWatch needs the main class to run");
        }
        Thread watch = new Thread(() -> endAfter(System.in, directory), "parent-watch");
        watch.setDaemon(true);
        watch.start();
        run(arguments[first], Arrays.copyOfRange(arguments, first + 1, arguments.length));
    }

    private static void run(String mainClass, String[] arguments)
            throws ReflectiveOperationException {
        try {
            Class.forName(mainClass)
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            e.getCause().printStackTrace();
            // The servers' threads are not daemons; without this a failed start would linger.
            Runtime.getRuntime().halt(1);
        }
    }

    private static void endAfter(InputStream input, Optional<Path> directory) {
        byte[] ignored = new byte[256];
        try {
            while (input.read(ignored) >= 0) {
                // Nothing is ever said here; only the end counts.
            }
        } catch (IOException e) {
            // A broken pipe says the same as its end.
        }
        try {
            directory.ifPresent(TemporaryDirectory::delete);
        } finally {
            Runtime.getRuntime().halt(0);
        }
    }
}
