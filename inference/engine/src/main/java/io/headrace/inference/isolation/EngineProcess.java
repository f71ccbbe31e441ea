package io.headrace.inference.isolation;

import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.ModelLoadException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The program of the child process: an engine that is asked over standard input and answers over
 * standard output. It ends when the input does, however its parent ended.
 */
public final class EngineProcess {

    /** A step that takes longer than this is not waited for when the parent is gone. */
    private static final long LAST_STEP_MILLIS = 10_000;

    private final MessageReader in;
    private final Outbox out;
    private final Map<Long, InferenceRequest> unfinished = new ConcurrentHashMap<>();

    private EngineProcess(MessageReader in, Outbox out) {
        this.in = in;
        this.out = out;
    }

    /** Runs the engine; takes no arguments. */
    public static void main(String[] arguments) throws IOException {
        OutputStream replies = new FileOutputStream(FileDescriptor.out);
        // Whatever is printed must not get between the messages.
        System.setOut(System.err);
        Outbox out = new Outbox(replies, "headrace-replies");
        new EngineProcess(new MessageReader(System.in), out).run();
        out.close();
        // Threads of libraries must not keep the process.
        Runtime.getRuntime().halt(0);
    }

    private void run() throws IOException {
        if (!(in.read() instanceof Message.Open open)) {
            throw new IOException("the first message must name the engine to open");
        }
        try (InferenceEngine engine = Engines.open(open.options())) {
            out.send(new Message.Opened(engine.model()));
            serve(engine);
        } catch (ModelLoadException e) {
            out.send(new Message.Refused(e.getMessage()));
        }
    }

    private void serve(InferenceEngine engine) {
        try {
            Message message = in.read();
            while (!(message instanceof Message.Close)) {
                handle(engine, message);
                message = in.read();
            }
        } catch (IOException e) {
            haltLater();
        }
    }

    private void handle(InferenceEngine engine, Message message) throws IOException {
        if (message instanceof Message.Submit submit) {
            long number = submit.number();
            unfinished.put(number, submit.request());
            engine.submit(submit.request())
                    .thenAccept(
                            result -> {
                                unfinished.remove(number);
                                out.send(new Message.Ended(number, result));
                            });
        } else if (message instanceof Message.Cancel cancel) {
            InferenceRequest request = unfinished.get(cancel.number());
            if (request != null) {
                engine.cancel(request);
            }
        } else if (message instanceof Message.CountTokens count) {
            int tokens = engine.countPromptTokens(count.request());
            out.send(new Message.Counted(count.number(), tokens));
        } else if (message instanceof Message.AskStats ask) {
            out.send(new Message.Stats(ask.number(), engine.stats()));
        } else {
            throw new IOException("a parent does not send " + message);
        }
    }

    private static void haltLater() {
        Thread last =
                new Thread(
                        () -> {
                            try {
                                Thread.sleep(LAST_STEP_MILLIS);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            Runtime.getRuntime().halt(1);
                        },
                        "headrace-halt");
        last.setDaemon(true);
        last.start();
    }
}
