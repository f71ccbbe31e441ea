package io.headrace.jobs.watch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Serves the page at {@code /} and what it shows at {@code /cards?after=NUMBER}; nothing can be
 * changed through it.
 *
 * <p>The page puts what it is told into text nodes only and loads nothing from elsewhere, which its
 * content security policy holds it to. A request whose {@code Host} is another name than that of
 * the page is refused, so that no website can read it by letting its own name point here.
 */
final class WatchServer implements AutoCloseable {

    private static final int THREADS = 4;
    private static final int BACKLOG = 16;

    /** So that no answer is larger than some megabytes. */
    private static final int MOST_CARDS = 50;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern AFTER = Pattern.compile("after=(\\d{1,18})");

    /** A host without its port. */
    private static final Pattern HOST = Pattern.compile("(\\[[0-9a-f:.]+]|[^:\\[\\]]+)(?::\\d+)?");

    private static final Pattern ADDRESS =
            Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");

    private final HttpServer server;
    private final ExecutorService threads;
    private final Cards cards;
    private final ObjectNode about;
    private final String page;
    private final String name;

    private WatchServer(HttpServer server, InetSocketAddress address, Cards cards, ObjectNode about)
            throws IOException {
        this.server = server;
        this.cards = cards;
        this.about = about;
        this.name = address.getHostString();
        this.page = resource("watch.html");
        this.threads =
                Executors.newFixedThreadPool(
                        THREADS,
                        task -> {
                            Thread thread = new Thread(task, "headrace-watch-page");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    static WatchServer start(InetSocketAddress address, Cards cards, ObjectNode about)
            throws IOException {
        HttpServer http = HttpServer.create(address, BACKLOG);
        WatchServer server = new WatchServer(http, address, cards, about);
        http.createContext("/", server::answer);
        http.setExecutor(server.threads);
        http.start();
        return server;
    }

    String url() {
        return "http://"
                + (name.contains(":") ? "[" + name + "]" : name)
                + ":"
                + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (!isOurs(exchange.getRequestHeaders().get("Host"))) {
                refuse(exchange, 403, "Ask for this page by its address or as localhost.");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                refuse(exchange, 405, "This page is for reading only.");
            } else if ("/".equals(path)) {
                sendPage(exchange);
            } else if ("/cards".equals(path)) {
                sendCards(exchange);
            } else {
                refuse(exchange, 404, "There is only the page / here.");
            }
        }
    }

    /** An address is nobody's name, and localhost is everybody's own. */
    private boolean isOurs(List<String> hosts) {
        Matcher host = HOST.matcher(hosts == null || hosts.size() != 1 ? "" : hosts.get(0));
        return host.matches()
                && (ADDRESS.matcher(host.group(1)).matches()
                        || host.group(1).equalsIgnoreCase("localhost")
                        || host.group(1).equalsIgnoreCase(name));
    }

    private void sendPage(HttpExchange exchange) throws IOException {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String nonce = HexFormat.of().formatHex(random);
        exchange.getResponseHeaders()
                .set(
                        "Content-Security-Policy",
                        "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action"
                                + " 'none'; frame-ancestors 'none'; script-src 'nonce-"
                                + nonce
                                + "'; style-src 'nonce-"
                                + nonce
                                + "'");
        send(exchange, 200, "text/html; charset=utf-8", page.replace("{{nonce}}", nonce));
    }

    private void sendCards(HttpExchange exchange) throws IOException {
        Matcher after = AFTER.matcher(String.valueOf(exchange.getRequestURI().getRawQuery()));
        if (!after.matches()) {
            refuse(exchange, 400, "Ask for /cards?after=NUMBER.");
            return;
        }
        ObjectNode answer = JSON.createObjectNode();
        answer.set("about", about);
        answer.put("status", cards.status());
        ArrayNode shown = answer.putArray("cards");
        for (Card card : cards.after(Long.parseLong(after.group(1)), MOST_CARDS)) {
            shown.addObject()
                    .put("number", card.number())
                    .put("letter", card.letter())
                    .setAll(card.shown());
        }
        send(exchange, 200, "application/json", JSON.writeValueAsString(answer));
    }

    private static void refuse(HttpExchange exchange, int status, String reason)
            throws IOException {
        send(exchange, status, "text/plain; charset=utf-8", reason);
    }

    private static void send(HttpExchange exchange, int status, String type, String body)
            throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = WatchServer.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
