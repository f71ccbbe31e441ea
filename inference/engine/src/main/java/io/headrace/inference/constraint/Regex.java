package io.headrace.inference.constraint;

import java.util.ArrayList;
import java.util.List;

/** A regular expression over symbols, as a tree. */
sealed interface Regex {

    Regex EMPTY = new Sequence(List.of());

    /** One symbol of a set. An empty set matches nothing. */
    record Symbol(CodePointSet set) implements Regex {}

    /** The parts one after the other; no parts match the empty word. */
    record Sequence(List<Regex> parts) implements Regex {
        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    /** One of the options. */
    record Choice(List<Regex> options) implements Regex {
        public Choice {
            options = List.copyOf(options);
        }
    }

    /**
     * The part repeated.
     *
     * @param most how often at most; negative for no limit
     */
    record Repeat(Regex part, int least, int most) implements Regex {}

    /** Exactly these bytes, each a symbol. */
    static Regex bytes(byte[] bytes) {
        List<Regex> parts = new ArrayList<>();
        for (byte value : bytes) {
            parts.add(new Symbol(CodePointSet.range(value & 0xff, value & 0xff)));
        }
        return new Sequence(parts);
    }
}
