package io.headrace.local;

/**
 * The ports of one broker, kept over restarts.
 *
 * @param client what clients connect to
 * @param internal the broker's own, always without security
 * @param controller the quorum's
 */
record BrokerPorts(int client, int internal, int controller) {

    static BrokerPorts free() {
        int client = FreePorts.next();
        int internal = otherThan(client, client);
        return new BrokerPorts(client, internal, otherThan(client, internal));
    }

    private static int otherThan(int one, int two) {
        int port = FreePorts.next();
        return port == one || port == two ? otherThan(one, two) : port;
    }
}
