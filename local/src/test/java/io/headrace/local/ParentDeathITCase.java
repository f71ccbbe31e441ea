package io.headrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ParentDeathITCase {

    /** Starts both servers, prints their process numbers and waits to be killed. */
    public static final class Parent {

        private Parent() {}

        public static void main(String[] arguments) throws Exception {
            LocalServers servers = LocalServers.start();
            System.out.println("kafka " + servers.kafka().pid());
            System.out.println("registry " + servers.registry().pid());
            Thread.sleep(600_000);
        }
    }

    @Test
    void serversEndWhenTheirParentIsKilledWithKillNine() throws Exception {
        List<String> command = JavaCommand.ofThisProcess("128m").of(Parent.class.getName());
        Process parent =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        List<ProcessHandle> servers = new ArrayList<>();
        try (BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8))) {
            while (servers.size() < 2) {
                String line = output.readLine();
                assertThat(line).as("output of the parent").isNotNull();
                if (line.startsWith("kafka ") || line.startsWith("registry ")) {
                    long pid = Long.parseLong(line.substring(line.indexOf(' ') + 1));
                    servers.add(ProcessHandle.of(pid).orElseThrow());
                }
            }
            assertThat(servers).allMatch(ProcessHandle::isAlive);

            parent.destroyForcibly();

            for (ProcessHandle server : servers) {
                server.onExit().get(10, TimeUnit.SECONDS);
            }
        } finally {
            parent.destroyForcibly();
            servers.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
