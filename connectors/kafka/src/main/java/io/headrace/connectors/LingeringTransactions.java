package io.headrace.connectors;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;

/**
 * Transactions that a job left open when it ended for good. Until they time out they hold back
 * every reader of committed records.
 *
 * <p>A job that starts again under its transactional id prefix ends those of its earlier runs by
 * itself; this is for those that nobody will start again.
 */
public final class LingeringTransactions {

    private LingeringTransactions() {}

    /**
     * Aborts the open transactions under a prefix and returns their ids. No job may be running with
     * it: its producers are fenced. Throws {@link KafkaCheckException} when the brokers refuse.
     */
    public static List<String> abort(KafkaConnection kafka, String prefix, Duration limit) {
        Settings.requireText("transactional id prefix", prefix);
        // The sink adds its subtask and a number; a longer prefix of another job must not match.
        Predicate<String> ours =
                Pattern.compile(Pattern.quote(prefix) + "-\\d+-\\d+").asMatchPredicate();
        ListTransactionsOptions open =
                new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING));
        try (BrokerAdmin brokers = BrokerAdmin.connect(kafka, limit)) {
            List<String> ids =
                    brokers.ask("list transactions", it -> it.listTransactions(open).all()).stream()
                            .map(TransactionListing::transactionalId)
                            .filter(ours)
                            .sorted()
                            .toList();
            if (!ids.isEmpty()) {
                brokers.ask("abort transactions", it -> it.fenceProducers(ids).all());
            }
            return ids;
        }
    }
}
