package io.headrace.benchmarks;

import io.headrace.inference.Output;
import java.util.stream.Collectors;

/** The outputs of the {@link Workload} as grammars of llama.cpp, without any optional space. */
final class Grammars {

    /** The schema of {@link Workload}. */
    private static final String JSON =
            """
            root ::= "{\\"product\\":" long ",\\"order_number\\":" short ",\\"currency\\":" currency ",\\"date\\":" date ",\\"customer_name\\":" long "}"
            long ::= "null" | "\\"" char{0,40} "\\""
            short ::= "null" | "\\"" char{0,20} "\\""
            char ::= [^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F]{4})
            currency ::= "null" | "\\"EUR\\"" | "\\"USD\\"" | "\\"GBP\\"" | "\\"CHF\\""
            date ::= "null" | "\\"" [0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [12] [0-9] | "3" [01]) "\\""
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
