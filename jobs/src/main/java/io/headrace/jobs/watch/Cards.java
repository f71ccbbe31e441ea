package io.headrace.jobs.watch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** The newest records and the newest dead letters, so many of each. Thread-safe. */
final class Cards {

    private final int most;
    private final Deque<Card> records = new ArrayDeque<>();
    private final Deque<Card> letters = new ArrayDeque<>();
    private long number;
    private String status = "";

    Cards(int most) {
        this.most = most;
    }

    synchronized void add(boolean letter, ObjectNode shown) {
        Deque<Card> cards = letter ? letters : records;
        cards.add(new Card(++number, letter, shown));
        if (cards.size() > most) {
            cards.remove();
        }
    }

    /** The first cards after a number, in their order. */
    synchronized List<Card> after(long after, int limit) {
        return Stream.concat(records.stream(), letters.stream())
                .filter(card -> card.number() > after)
                .sorted(Comparator.comparingLong(Card::number))
                .limit(limit)
                .toList();
    }

    /** What keeps records from coming; empty where nothing does. */
    synchronized void status(String text) {
        status = text;
    }

    synchronized String status() {
        return status;
    }
}
