package io.headrace.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Says whether something accepts connections on a port of 127.0.0.1. */
final class OpenPort {

    private static final int CONNECT_TIMEOUT_MILLIS = 1_000;

    private OpenPort() {}

    static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    CONNECT_TIMEOUT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
