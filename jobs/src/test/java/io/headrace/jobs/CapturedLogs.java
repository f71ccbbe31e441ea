package io.headrace.jobs;

import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.WriterAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.layout.PatternLayout;

/** Everything that is logged in this process from its start to its close, down to debug. */
final class CapturedLogs implements AutoCloseable {

    private static final String NAME = "captured";

    private final StringWriter text = new StringWriter();
    private final LoggerContext context = (LoggerContext) LogManager.getContext(false);
    private final LoggerConfig root = context.getConfiguration().getRootLogger();

    /** Of all loggers that the configuration names, the root among them. */
    private final Map<LoggerConfig, Level> levels = new HashMap<>();

    private CapturedLogs() {
        WriterAppender appender =
                WriterAppender.newBuilder()
                        .setName(NAME)
                        .setTarget(text)
                        .setLayout(
                                PatternLayout.newBuilder().withPattern("%msg%n%throwable").build())
                        .build();
        appender.start();
        root.addAppender(appender, Level.DEBUG, null);
        for (LoggerConfig logger : context.getConfiguration().getLoggers().values()) {
            levels.put(logger, logger.getLevel());
            logger.setLevel(Level.DEBUG);
        }
        context.updateLoggers();
    }

    static CapturedLogs start() {
        return new CapturedLogs();
    }

    String text() {
        return text.toString();
    }

    @Override
    public void close() {
        root.removeAppender(NAME);
        levels.forEach(LoggerConfig::setLevel);
        context.updateLoggers();
    }
}
