package io.headrace.connectors.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A key of 127.0.0.1 with a certificate that it signed itself, and the truststore that a client
 * needs; made anew by the JDK's keytool.
 *
 * @param keyStore the server's
 * @param trustStore the clients'
 */
public record Certificates(Path keyStore, Path trustStore) {

    /** Of both stores. */
    public static final String PASSWORD = "changeit-7Q";

    /** Makes the stores in a folder. */
    public static Certificates create(Path folder) throws IOException, InterruptedException {
        Path keyStore = folder.resolve("server.p12");
        Path certificate = folder.resolve("server.pem");
        Path trustStore = folder.resolve("trust.p12");
        List<String> generate =
                List.of(
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost");
        List<String> names = List.of("-ext", "SAN=IP:127.0.0.1,DNS:localhost", "-validity", "2");
        keytool(keyStore, generate, names);
        keytool(keyStore, List.of("-exportcert", "-alias", "server", "-file"), of(certificate));
        keytool(
                trustStore,
                List.of("-importcert", "-noprompt", "-alias", "server", "-file"),
                of(certificate));
        return new Certificates(keyStore, trustStore);
    }

    /** Returns what a server over TLS needs. */
    public SSLContext serverContext() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keyStore)) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static List<String> of(Path file) {
        return List.of(file.toString());
    }

    private static void keytool(Path store, List<String> command, List<String> more)
            throws IOException, InterruptedException {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        List<String> words = new ArrayList<>(of(keytool));
        words.addAll(command);
        words.addAll(more);
        words.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
        words.addAll(List.of("-keystore", store.toString()));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        byte[] output = process.getInputStream().readAllBytes();
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed: " + new String(output, StandardCharsets.UTF_8));
        }
    }
}
