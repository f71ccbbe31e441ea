package io.headrace.sql;

import io.headrace.local.LocalServers;
import io.headrace.local.LocalTopics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The script in {@code examples/sql}, with the addresses of servers that are running. */
final class ExampleScript {

    /** The rows that docs/sql.md shows, in order. */
    static final List<String> OUTPUT =
            List.of(
                    "| C-1 | lost_card | TRUE |",
                    "| C-2 | praise | TRUE |",
                    "| C-3 | invoice_request | TRUE |",
                    "| C-5 | login_problem | TRUE |",
                    "| C-4 | Rejected |",
                    "| C-6 | EmptyText |");

    private ExampleScript() {}

    /** The lines that were printed, with single spaces. */
    static List<String> lines(String printed) {
        return printed.lines().map(line -> line.strip().replaceAll(" +", " ")).toList();
    }

    /** Creates the topics, which the script expects. */
    static void createTopics(LocalServers servers) {
        try (LocalTopics topics = servers.kafka().topics()) {
            topics.create("sql-messages", 1);
            topics.create("sql-messages-enriched", 1);
            topics.create("sql-messages-dead-letters", 1);
        }
    }

    static String with(LocalServers servers) throws IOException {
        return Files.readString(Path.of("..", "examples", "sql", "customer-messages.sql"))
                .replace("'localhost:9092'", "'" + servers.kafka().bootstrapServers() + "'")
                .replace("http://localhost:8085/apis/ccompat/v7", servers.registry().url())
                .replace("model/headrace-small.gguf", Sql.BUNDLED.toString());
    }
}
