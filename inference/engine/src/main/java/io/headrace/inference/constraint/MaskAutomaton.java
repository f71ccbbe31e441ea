package io.headrace.inference.constraint;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The masks of a constraint: an automaton over bytes that is built as far as walks over the token
 * trie need it. Thread-safe.
 *
 * <p>Its states are bounded terms (see {@link Term#bounded}), so that there are few of them. What
 * follows from the source text of one record is never kept: such states live for one walk, and a
 * mask is remembered only when its walk met none.
 */
final class MaskAutomaton {

    /** Beyond so many states or bytes of masks everything is forgotten and found again. */
    private static final int MAX_STATES = 16_384;

    private static final long MAX_MASK_BYTES = 64L << 20;

    /** Smaller subtrees are walked node by node. */
    private static final int MIN_SUBTREE = 8;

    private static final State DEAD = new State(null, null);

    /** A term and its steps as far as they are known; {@code next} is null when not kept. */
    private static final class State {
        final Term term;
        final State[] next;
        volatile TokenMask mask;

        /** The classes of printable bytes that all lead back to this state; negative: unknown. */
        volatile long loops = -1;

        State(Term term, State[] next) {
            this.term = term;
            this.next = next;
        }
    }

    /** The memory of one generation; replaced as a whole when it is full. */
    private static final class Memory {
        final Map<Term, State> states = new ConcurrentHashMap<>();
        final Map<TokenMask, TokenMask> masks = new ConcurrentHashMap<>();
    }

    private final TokenTrie trie;
    private final PlainTokens plain;
    private final TokenReach reach;
    private volatile Memory memory = new Memory();

    MaskAutomaton(IndexedVocabulary vocabulary) {
        this.trie = vocabulary.trie();
        this.plain = vocabulary.plain();
        this.reach = vocabulary.reach();
    }

    TokenMask mask(Term term, SpanSource source) {
        Memory current = memory;
        State state = state(term, current);
        TokenMask known = state.mask;
        return known != null ? known : new Walk(current, source).mask(state);
    }

    private State state(Term term, Memory current) {
        if (term == null) {
            return DEAD;
        }
        Term bounded = term.bounded(reach);
        if (bounded.readsSource()) {
            return new State(bounded, null);
        }
        State known = current.states.get(bounded);
        if (known != null) {
            return known;
        }
        forgetWhenFull(current);
        // An entry that two threads add at once is kept once; the other is a valid spare.
        State added = new State(bounded, new State[256]);
        State earlier = current.states.putIfAbsent(bounded, added);
        return earlier == null ? added : earlier;
    }

    private void forgetWhenFull(Memory current) {
        long maskBytes = (long) current.masks.size() * (trie.noToken() >> 3);
        if (current == memory
                && (current.states.size() >= MAX_STATES || maskBytes >= MAX_MASK_BYTES)) {
            memory = new Memory();
        }
    }

    /** One walk over the trie. */
    private final class Walk {
        private final Memory current;
        private final SpanSource source;
        private boolean readSource;

        Walk(Memory current, SpanSource source) {
            this.current = current;
            this.source = source;
        }

        TokenMask mask(State start) {
            int characters = start.term.freeCharacters();
            TokenTrie tokens = characters < 0 ? trie : plain.others();
            long[] words = characters < 0 ? trie.newWords() : plain.mask(characters);
            walk(start, tokens, words);
            TokenMask mask = new TokenMask(words);
            if (readSource || start.next == null) {
                return mask;
            }
            TokenMask equal = current.masks.putIfAbsent(mask, mask);
            start.mask = equal == null ? mask : equal;
            return start.mask;
        }

        private void walk(State start, TokenTrie tokens, long[] words) {
            State[] path = new State[tokens.depth() + 1];
            path[0] = start;
            int node = 0;
            int nodes = tokens.size();
            while (node < nodes) {
                int depth = tokens.depths[node];
                State next = step(path[depth], tokens.labels[node] & 0xff);
                if (next == DEAD) {
                    node = tokens.ends[node];
                    continue;
                }
                if (next == path[depth] && staysBelow(next, tokens, node)) {
                    node = addSubtree(tokens, node, words);
                    continue;
                }
                path[depth + 1] = next;
                int token = tokens.tokens[node];
                words[token >> 6] |= 1L << (token & 63);
                node++;
            }
            tokens.finish(words);
        }

        /** Whether every byte below a node leads a state back to itself. */
        private boolean staysBelow(State state, TokenTrie tokens, int node) {
            if (state.next == null || tokens.ends[node] - node < MIN_SUBTREE) {
                return false;
            }
            if (state.loops < 0) {
                state.loops = findLoops(state);
            }
            return (tokens.classesBelow[node] & ~state.loops) == 0;
        }

        private long findLoops(State state) {
            long loops = ByteClasses.PRINTABLE;
            for (int value = 0x20; value < 0x7F; value++) {
                if ((loops & ByteClasses.of(value)) != 0 && step(state, value) != state) {
                    loops &= ~ByteClasses.of(value);
                }
            }
            return loops;
        }

        private static int addSubtree(TokenTrie tokens, int node, long[] words) {
            int end = tokens.ends[node];
            for (int below = node; below < end; below++) {
                int token = tokens.tokens[below];
                words[token >> 6] |= 1L << (token & 63);
            }
            return end;
        }

        private State step(State from, int value) {
            if (from.next == null) {
                readSource = true;
                return state(from.term.after(value, source), current);
            }
            State known = from.next[value];
            if (known != null) {
                return known;
            }
            State found = state(from.term.after(value, source), current);
            if (found == DEAD || found.next != null) {
                // A race writes an equal state; readers see it whole, since its fields are final.
                from.next[value] = found;
            } else {
                readSource = true;
            }
            return found;
        }
    }
}
