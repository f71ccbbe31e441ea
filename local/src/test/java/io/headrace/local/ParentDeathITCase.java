package io.headrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParentDeathITCase {

    /** Starts both servers, prints their process numbers and waits to be killed. */
    public static final class Parent {

        private Parent() {}

        public static void main(String[] arguments) throws Exception {
            LocalServers servers = LocalServers.start();
            System.out.println(servers.kafka().pid() + " " + servers.kafka().logFile());
            System.out.println(servers.registry().pid() + " " + servers.registry().logFile());
            Thread.sleep(600_000);
        }
    }

    @Test
    void serversAndTheirFilesGoWhenTheParentIsKilledWithKillNine(@TempDir Path folder)
            throws Exception {
        List<String> command = JavaCommand.ofThisProcess("128m").of(folder, Parent.class.getName());
        Process parent =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        List<ProcessHandle> servers = new ArrayList<>();
        List<Path> directories = new ArrayList<>();
        try (BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8))) {
            while (servers.size() < 2) {
                String line = output.readLine();
                assertThat(line).as("output of the parent").isNotNull();
                String[] words = line.split(" ", 2);
                if (words.length == 2 && words[0].matches("\\d+")) {
                    servers.add(ProcessHandle.of(Long.parseLong(words[0])).orElseThrow());
                    directories.add(Path.of(words[1]).getParent());
                }
            }
            assertThat(servers).allMatch(ProcessHandle::isAlive);
            assertThat(directories).allMatch(Files::exists);

            parent.destroyForcibly();

            for (ProcessHandle server : servers) {
                server.onExit().get(30, TimeUnit.SECONDS);
            }
            assertThat(directories).noneMatch(Files::exists);
        } finally {
            parent.destroyForcibly();
            servers.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
