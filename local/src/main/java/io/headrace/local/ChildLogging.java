package io.headrace.local;

import java.util.List;

/** How a child process on our class path logs: problems only, to its standard output. */
final class ChildLogging {

    private ChildLogging() {}

    static List<String> jvmArguments() {
        return List.of(
                "-Dlog4j2.configurationFile=classpath:io/headrace/local/child-log4j2.properties",
                "-Dlog4j.configurationFile=classpath:io/headrace/local/child-log4j2.properties");
    }
}
