package io.headrace.jobs.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/** Where a command writes: figures as JSON on standard output, or everything for a person. */
final class Terminal {

    private static final int DEFAULT_WIDTH = 120;

    private final boolean json;

    Terminal(boolean json) {
        this.json = json;
    }

    /** For a person: standard output, or standard error where that is kept for JSON. */
    PrintStream person() {
        return new PrintStream(json ? System.err : System.out, true, StandardCharsets.UTF_8);
    }

    /** Whether a line that was written may be written over. */
    boolean interactive() {
        return CommandLine.Help.Ansi.AUTO.enabled() && !json;
    }

    int width() {
        return DEFAULT_WIDTH;
    }

    void print(JsonNode figures) {
        try {
            new PrintStream(System.out, true, StandardCharsets.UTF_8)
                    .println(new ObjectMapper().writeValueAsString(figures));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree is always writable", e);
        }
    }
}
