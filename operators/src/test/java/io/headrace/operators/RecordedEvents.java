package io.headrace.operators;

import java.util.List;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.events.Event;
import org.apache.flink.events.reporter.EventReporter;
import org.apache.flink.events.reporter.EventReporterFactory;
import org.apache.flink.metrics.MetricConfig;

/** Keeps what a local cluster reports; Flink makes it by its name. */
public final class RecordedEvents implements EventReporterFactory, EventReporter {

    private static final Queue<Event> EVENTS = new ConcurrentLinkedQueue<>();

    static void clear() {
        EVENTS.clear();
    }

    static List<Event> named(String name) {
        return EVENTS.stream().filter(event -> event.getName().equals(name)).toList();
    }

    @Override
    public EventReporter createEventReporter(Properties properties) {
        return this;
    }

    @Override
    public void notifyOfAddedEvent(Event event) {
        EVENTS.add(event);
    }

    @Override
    public void open(MetricConfig config) {}

    @Override
    public void close() {}
}
