package io.headrace.connectors;

import java.io.Serializable;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Which topics a source reads. */
public sealed interface TopicSelection extends Serializable {

    /** Topics by name. */
    record Names(List<String> topics) implements TopicSelection {
        public Names {
            topics = List.copyOf(topics);
            if (topics.isEmpty()) {
                throw new IllegalArgumentException("A source needs at least one topic");
            }
            topics.forEach(topic -> Settings.requireText("topic", topic));
        }
    }

    /** Topics whose whole name matches a regular expression, those created later included. */
    record Matching(String regex) implements TopicSelection {
        public Matching {
            Settings.requireText("topic pattern", regex);
            try {
                Pattern.compile(regex);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException("The topic pattern is no regular expression", e);
            }
        }
    }

    static TopicSelection of(String topic) {
        return new Names(List.of(topic));
    }
}
