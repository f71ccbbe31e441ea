package io.headrace.local;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * The broker process's main method: formats the data directory the first time, then hands over to
 * Kafka's own main. Its one argument is the server's properties file.
 */
public final class BrokerMain {

    private BrokerMain() {}

    public static void main(String[] arguments) throws Exception {
        Properties properties = read(Path.of(arguments[0]));
        Path data = Path.of(properties.getProperty("log.dirs"));
        if (!Files.exists(data.resolve("meta.properties"))) {
            format(properties, data);
        }
        kafka.Kafka.main(arguments);
    }

    private static Properties read(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        return properties;
    }

    private static void format(Properties properties, Path data) throws Exception {
        new Formatter()
                .setPrintStream(System.out)
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(Integer.parseInt(properties.getProperty("node.id")))
                .addDirectory(data.toString())
                .setMetadataLogDirectory(Optional.of(data.toString()))
                .setControllerListenerName(properties.getProperty("controller.listener.names"))
                .run();
    }
}
