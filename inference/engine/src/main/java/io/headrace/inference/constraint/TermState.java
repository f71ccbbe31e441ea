package io.headrace.inference.constraint;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A state of a constraint: the exact term, counters included, and the record's source text. */
final class TermState implements ConstraintState {

    private final IndexedVocabulary vocabulary;
    private final MaskAutomaton masks;
    private final SpanSource source;
    private final Term term;

    /** How many bytes the character that is being written still lacks. */
    private final int missingBytes;

    private volatile TokenMask mask;
    private volatile String forced;

    TermState(IndexedVocabulary vocabulary, MaskAutomaton masks, SpanSource source, Term term) {
        this(vocabulary, masks, source, term, 0);
    }

    private TermState(
            IndexedVocabulary vocabulary,
            MaskAutomaton masks,
            SpanSource source,
            Term term,
            int missingBytes) {
        this.vocabulary = vocabulary;
        this.masks = masks;
        this.source = source;
        this.term = term;
        this.missingBytes = missingBytes;
    }

    @Override
    public TokenMask mask() {
        TokenMask known = mask;
        if (known == null) {
            known = masks.mask(term, source);
            mask = known;
        }
        return known;
    }

    @Override
    public boolean allows(int token) {
        return after(token) != null;
    }

    @Override
    public ConstraintState accept(int token) {
        TermState next = after(token);
        if (next == null) {
            throw notAllowed(token);
        }
        return next;
    }

    private IllegalArgumentException notAllowed(int token) {
        String text = new String(vocabulary.bytes(token), StandardCharsets.UTF_8);
        return new IllegalArgumentException(
                "token " + token + " (\"" + text + "\") is not allowed here");
    }

    @Override
    public ConstraintState acceptText(String text) {
        TermState next = after(text.getBytes(StandardCharsets.UTF_8), Term::derive);
        if (next == null) {
            throw new IllegalArgumentException("the text \"" + text + "\" is not allowed here");
        }
        return next;
    }

    private TermState after(int token) {
        byte[] bytes = vocabulary.bytes(token);
        return vocabulary.isControl(token) || bytes.length == 0 ? null : after(bytes, Term::after);
    }

    private TermState after(byte[] bytes, Rewriting rewriting) {
        Term at = term;
        int missing = missingBytes;
        for (byte value : bytes) {
            at = rewriting.after(at, value & 0xff, source);
            if (at == null) {
                return null;
            }
            missing = missingAfter(missing, value & 0xff);
        }
        return new TermState(vocabulary, masks, source, at, missing);
    }

    /** How a byte rewrites a term: one of an output, or one of a token. */
    private interface Rewriting {
        Term after(Term term, int value, SpanSource source);
    }

    @Override
    public byte[] written(int token) {
        byte[] bytes = vocabulary.bytes(token);
        ByteArrayOutputStream written = new ByteArrayOutputStream(bytes.length);
        Term at = term;
        for (byte value : bytes) {
            Term next = at.derive(value & 0xff, source);
            if (next == null) {
                next = at.after(value & 0xff, source);
            } else {
                written.write(value);
            }
            if (next == null) {
                throw notAllowed(token);
            }
            at = next;
        }
        return written.toByteArray();
    }

    private static int missingAfter(int missing, int value) {
        if (value < 0x80) {
            return 0;
        }
        if (value < 0xC0) {
            return missing - 1;
        }
        return value < 0xE0 ? 1 : value < 0xF0 ? 2 : 3;
    }

    @Override
    public String forcedText() {
        String known = forced;
        if (known == null) {
            known = insideCharacter() ? "" : findForcedText();
            forced = known;
        }
        return known;
    }

    private String findForcedText() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int whole = 0;
        int missing = 0;
        Term at = term;
        while (!at.nullable()) {
            ByteSet first = new ByteSet();
            at.addFirst(first, source);
            if (first.size() != 1) {
                break;
            }
            int value = first.first();
            out.write(value);
            at = at.derive(value, source);
            missing = missingAfter(missing, value);
            if (missing == 0) {
                whole = out.size();
            }
        }
        return new String(out.toByteArray(), 0, whole, StandardCharsets.UTF_8);
    }

    @Override
    public boolean complete() {
        return term == EndTerm.END;
    }

    @Override
    public boolean canEnd() {
        return term.nullable();
    }

    @Override
    public boolean insideCharacter() {
        return missingBytes > 0;
    }

    @Override
    public String shortestCompletion() {
        if (insideCharacter()) {
            throw new IllegalStateException("the output ends inside a character");
        }
        return new String(shortestCompletionBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public byte[] shortestCompletionBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        term.appendShortest(out, source);
        return out.toByteArray();
    }
}
