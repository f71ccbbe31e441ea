package io.headrace.local;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * A main method around another one that ends the process when its parent ends.
 *
 * <p>The parent holds the other end of the standard input and writes nothing. However the parent
 * dies, kill -9 included, the kernel closes the pipe; the end of the stream then halts this process
 * at once, without shutdown hooks that could block.
 */
public final class ParentWatch {

    private ParentWatch() {}

    /** Runs the main class named first with the arguments that follow. */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        if (arguments.length == 0) {
            throw new IllegalArgumentException("ParentWatch needs the main class to run");
        }
        Thread watch = new Thread(() -> haltAtEndOf(System.in), "parent-watch");
        watch.setDaemon(true);
        watch.start();
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        try {
            Class.forName(arguments[0])
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) rest);
        } catch (InvocationTargetException e) {
            e.getCause().printStackTrace();
            // The servers' threads are not daemons; without this a failed start would linger.
            Runtime.getRuntime().halt(1);
        }
    }

    private static void haltAtEndOf(InputStream input) {
        byte[] ignored = new byte[256];
        try {
            while (input.read(ignored) >= 0) {
                // Nothing is ever said here; only the end counts.
            }
        } catch (IOException e) {
            // A broken pipe says the same as its end.
        }
        Runtime.getRuntime().halt(0);
    }
}
