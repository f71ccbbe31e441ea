package io.headrace.inference.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The processes of isolated engines that this process started. On Linux. */
public final class EngineProcesses {

    private EngineProcesses() {}

    public static List<ProcessHandle> running() {
        return ProcessHandle.current().children().filter(EngineProcesses::runsAnEngine).toList();
    }

    /**
     * Not from the handle's own command line: Java leaves that out where the class path is long.
     */
    private static boolean runsAnEngine(ProcessHandle child) {
        try {
            return Files.readString(Path.of("/proc/" + child.pid() + "/cmdline"))
                    .contains("io.headrace.inference.isolation.EngineProcess");
        } catch (IOException e) {
            return false; // It has gone.
        }
    }
}
