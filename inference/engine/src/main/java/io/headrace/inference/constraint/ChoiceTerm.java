package io.headrace.inference.constraint;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One of several terms, followed side by side until the bytes decide. */
final class ChoiceTerm extends Term {

    private final List<Term> options;
    private final Set<Term> members;
    private final int hash;

    private ChoiceTerm(Set<Term> members) {
        this.options = List.copyOf(members);
        this.members = members;
        this.hash = members.hashCode();
    }

    /** A choice of terms, some of which may be null; null when all are. */
    static Term of(Term... options) {
        Set<Term> members = new LinkedHashSet<>();
        for (Term option : options) {
            if (option instanceof ChoiceTerm choice) {
                members.addAll(choice.options);
            } else if (option != null) {
                members.add(option);
            }
        }
        if (members.size() <= 1) {
            return members.isEmpty() ? null : members.iterator().next();
        }
        return new ChoiceTerm(members);
    }

    @Override
    boolean nullable() {
        for (Term option : options) {
            if (option.nullable()) {
                return true;
            }
        }
        return false;
    }

    @Override
    Term derive(int value, SpanSource source) {
        Term only = null;
        int count = 0;
        Term[] derived = new Term[options.size()];
        for (Term option : options) {
            Term next = option.derive(value, source);
            if (next != null) {
                derived[count++] = next;
                only = next;
            }
        }
        return count <= 1 ? only : of(derived);
    }

    @Override
    Term afterUnwrittenSpace() {
        return of(options.stream().map(Term::afterUnwrittenSpace).toArray(Term[]::new));
    }

    @Override
    void addFirst(ByteSet bytes, SpanSource source) {
        for (Term option : options) {
            option.addFirst(bytes, source);
        }
    }

    @Override
    boolean readsSource() {
        for (Term option : options) {
            if (option.readsSource()) {
                return true;
            }
        }
        return false;
    }

    @Override
    long shortestLength(SpanSource source) {
        return shortest(source).shortestLength(source);
    }

    @Override
    void appendShortest(ByteArrayOutputStream out, SpanSource source) {
        shortest(source).appendShortest(out, source);
    }

    private Term shortest(SpanSource source) {
        Term best = null;
        long bestLength = Long.MAX_VALUE;
        for (Term option : options) {
            long length = option.shortestLength(source);
            if (length < bestLength) {
                best = option;
                bestLength = length;
            }
        }
        return best;
    }

    @Override
    Term withoutFarLimits(TokenReach reach) {
        Term[] bounded = new Term[options.size()];
        boolean same = true;
        for (int i = 0; i < bounded.length; i++) {
            bounded[i] = options.get(i).bounded(reach);
            same &= bounded[i] == options.get(i);
        }
        return same ? this : of(bounded);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof ChoiceTerm term
                        && hash == term.hash
                        && members.equals(term.members));
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
