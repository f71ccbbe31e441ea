package io.headrace.benchmarks;

import io.headrace.inference.Output;
import java.util.stream.Collectors;

/** The outputs of the {@link Workload} as grammars of llama.cpp, without any optional space. */
final class Grammars {

    /** {@link Workload#SCHEMA}. */
    private static final String JSON =
            """
            root ::= "{\\"name\\":\\"" char{12,24} "\\",\\"city\\":\\"" char{10,20} "\\",\\"people\\":" people ",\\"date\\":\\"" date "\\",\\"urgent\\":" ("true" | "false") "}"
            char ::= [^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F]{4})
            people ::= [1-3] [0-9] | "40" | [1-9]
            date ::= [0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])
            """;

    private Grammars() {}

    static String of(Output output) {
        if (output instanceof Output.Labels labels) {
            return labels.labels().stream()
                    .map(label -> "\"" + label + "\"")
                    .collect(Collectors.joining(" | ", "root ::= ", "\n"));
        }
        if (output instanceof Output.Json) {
            return JSON;
        }
        throw new IllegalArgumentException("there is no grammar for " + output);
    }
}
