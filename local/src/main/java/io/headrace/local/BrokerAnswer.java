package io.headrace.local;

import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/** Says whether a broker describes its cluster with a node in it. */
final class BrokerAnswer {

    private BrokerAnswer() {}

    static boolean of(Admin admin) {
        try {
            return !admin.describeCluster().nodes().get().isEmpty();
        } catch (ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerStartException("The wait for the Kafka broker was interrupted.", e);
        }
    }
}
