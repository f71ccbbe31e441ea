package io.headrace.operators.state;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Usage;
import io.headrace.operators.Failure;
import io.headrace.operators.Provenance;
import io.headrace.operators.TaskAnswer;
import io.headrace.operators.task.TaskResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * The binary form, version 1, of the values that records carry.
 *
 * <p>Texts are an int length and UTF-8, since {@code writeUTF} ends at 64 KiB. Variants and
 * optional values begin with a byte, and a variant that came later has a byte, or a length, that no
 * earlier version wrote. Any other change of this form needs a new version of every snapshot in
 * this package and the reader of the old one.
 */
final class Fields {

    static final int VERSION = 1;

    private static final byte CLASSIFIED = 1;
    private static final byte EXTRACTED = 2;
    private static final byte SUMMARIZED = 3;
    private static final byte MULTI_LABELLED = 4;

    private static final byte SCORES = 1;
    private static final byte GENERATED = 2;
    private static final byte CHOSEN = 3;

    /** Added to the kind of an answer whose usage names model and cost. */
    private static final byte BILLED = 64;

    /** In place of the kind of a result: an outcome that names model, cost and cascade. */
    private static final byte ATTRIBUTED = 64;

    /** In place of a text's length: a provenance that names the model of each answer. */
    private static final int WITH_ANSWERS = -1;

    private Fields() {}

    /** Writes a value; a method reference to one of the writers here. */
    @FunctionalInterface
    interface Writer<T> {
        void write(T value, DataOutputView out) throws IOException;
    }

    /** Reads a value; a method reference to one of the readers here. */
    @FunctionalInterface
    interface Reader<T> {
        T read(DataInputView in) throws IOException;
    }

    static void writeText(String text, DataOutputView out) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static String readText(DataInputView in) throws IOException {
        return readText(in.readInt(), in);
    }

    private static String readText(int length, DataInputView in) throws IOException {
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static <T> void writeOptional(Optional<T> value, Writer<T> writer, DataOutputView out)
            throws IOException {
        out.writeBoolean(value.isPresent());
        if (value.isPresent()) {
            writer.write(value.get(), out);
        }
    }

    static <T> Optional<T> readOptional(Reader<T> reader, DataInputView in) throws IOException {
        return in.readBoolean() ? Optional.of(reader.read(in)) : Optional.empty();
    }

    static <T> void writeList(List<T> values, Writer<T> writer, DataOutputView out)
            throws IOException {
        out.writeInt(values.size());
        for (T value : values) {
            writer.write(value, out);
        }
    }

    static <T> List<T> readList(Reader<T> reader, DataInputView in) throws IOException {
        int size = in.readInt();
        List<T> values = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            values.add(reader.read(in));
        }
        return values;
    }

    static void writeResult(TaskResult result, DataOutputView out) throws IOException {
        if (result instanceof TaskResult.Classified classified) {
            out.writeByte(CLASSIFIED);
            writeText(classified.label(), out);
            out.writeDouble(classified.probability());
            writeOptional(classified.runnerUp(), Fields::writeText, out);
            out.writeDouble(classified.margin());
            out.writeBoolean(classified.abstained());
        } else if (result instanceof TaskResult.Extracted extracted) {
            out.writeByte(EXTRACTED);
            writeText(extracted.json(), out);
        } else if (result instanceof TaskResult.Summarized summarized) {
            out.writeByte(SUMMARIZED);
            writeText(summarized.text(), out);
        } else if (result instanceof TaskResult.MultiLabelled labelled) {
            out.writeByte(MULTI_LABELLED);
            writeList(labelled.labels(), Fields::writeScoredLabel, out);
        } else {
            throw new IOException("a task result of an unknown kind: " + result.getClass());
        }
    }

    static TaskResult readResult(DataInputView in) throws IOException {
        return readResult(in.readByte(), in);
    }

    private static TaskResult readResult(byte kind, DataInputView in) throws IOException {
        return switch (kind) {
            case CLASSIFIED ->
                    new TaskResult.Classified(
                            readText(in),
                            in.readDouble(),
                            readOptional(Fields::readText, in),
                            in.readDouble(),
                            in.readBoolean());
            case EXTRACTED -> new TaskResult.Extracted(readText(in));
            case SUMMARIZED -> new TaskResult.Summarized(readText(in));
            case MULTI_LABELLED ->
                    new TaskResult.MultiLabelled(readList(Fields::readScoredLabel, in));
            default -> throw new IOException("a task result of unknown kind " + kind);
        };
    }

    private static void writeScoredLabel(TaskResult.ScoredLabel label, DataOutputView out)
            throws IOException {
        writeText(label.label(), out);
        out.writeDouble(label.probability());
    }

    private static TaskResult.ScoredLabel readScoredLabel(DataInputView in) throws IOException {
        return new TaskResult.ScoredLabel(readText(in), in.readDouble());
    }

    static void writeOutcome(TaskOutcome outcome, DataOutputView out) throws IOException {
        boolean attributed = billed(outcome.usage()) || outcome.cascaded().isPresent();
        if (attributed) {
            out.writeByte(ATTRIBUTED);
        }
        writeResult(outcome.result(), out);
        writeUsage(outcome.usage(), out);
        if (attributed) {
            writeBill(outcome.usage(), out);
            writeOptional(outcome.cascaded(), Fields::writeCascaded, out);
        }
    }

    static TaskOutcome readOutcome(DataInputView in) throws IOException {
        byte kind = in.readByte();
        if (kind != ATTRIBUTED) {
            return new TaskOutcome(readResult(kind, in), readUsage(in));
        }
        return new TaskOutcome(
                readResult(in),
                readBill(readUsage(in), in),
                readOptional(Fields::readCascaded, in));
    }

    private static void writeCascaded(Cascaded cascaded, DataOutputView out) throws IOException {
        out.writeDouble(cascaded.firstConfidence());
        out.writeBoolean(cascaded.secondAnswered());
    }

    private static Cascaded readCascaded(DataInputView in) throws IOException {
        return new Cascaded(in.readDouble(), in.readBoolean());
    }

    static void writeProgress(TaskProgress progress, DataOutputView out) throws IOException {
        writeOptional(progress.outcome(), Fields::writeOutcome, out);
        writeList(
                progress.answers(),
                (answer, target) -> writeOptional(answer, Fields::writeAnswer, target),
                out);
    }

    static TaskProgress readProgress(DataInputView in) throws IOException {
        return new TaskProgress(
                readOptional(Fields::readOutcome, in),
                readList(source -> readOptional(Fields::readAnswer, source), in));
    }

    private static void writeAnswer(InferenceResult.Completed answer, DataOutputView out)
            throws IOException {
        byte bill = billed(answer.usage()) ? BILLED : 0;
        if (answer instanceof InferenceResult.Scores scores) {
            out.writeByte(SCORES + bill);
            writeList(scores.probabilities(), (value, target) -> target.writeDouble(value), out);
        } else if (answer instanceof InferenceResult.Generated generated) {
            out.writeByte(GENERATED + bill);
            writeText(generated.text(), out);
            out.writeBoolean(generated.truncated());
        } else if (answer instanceof InferenceResult.Chosen chosen) {
            out.writeByte(CHOSEN + bill);
            out.writeInt(chosen.label());
            out.writeDouble(chosen.probability());
        }
        writeUsage(answer.usage(), out);
        if (bill != 0) {
            writeBill(answer.usage(), out);
        }
    }

    private static InferenceResult.Completed readAnswer(DataInputView in) throws IOException {
        byte written = in.readByte();
        Reader<Usage> usage =
                written < BILLED ? Fields::readUsage : from -> readBill(readUsage(from), from);
        int kind = written & ~BILLED;
        return switch (kind) {
            case SCORES ->
                    new InferenceResult.Scores(
                            readList(DataInputView::readDouble, in), usage.read(in));
            case GENERATED ->
                    new InferenceResult.Generated(readText(in), in.readBoolean(), usage.read(in));
            case CHOSEN ->
                    new InferenceResult.Chosen(in.readInt(), in.readDouble(), usage.read(in));
            default -> throw new IOException("an answer of unknown kind " + kind);
        };
    }

    private static boolean billed(Usage usage) {
        return usage.costNanos() != 0 || !usage.answeredBy().isEmpty();
    }

    private static void writeBill(Usage usage, DataOutputView out) throws IOException {
        out.writeLong(usage.costNanos());
        writeText(usage.answeredBy(), out);
    }

    private static Usage readBill(Usage usage, DataInputView in) throws IOException {
        return new Usage(
                usage.promptTokens(),
                usage.cachedTokens(),
                usage.outputTokens(),
                usage.queueNanos(),
                usage.computeNanos(),
                in.readLong(),
                readText(in));
    }

    private static void writeUsage(Usage usage, DataOutputView out) throws IOException {
        out.writeInt(usage.promptTokens());
        out.writeInt(usage.cachedTokens());
        out.writeInt(usage.outputTokens());
        out.writeLong(usage.queueNanos());
        out.writeLong(usage.computeNanos());
    }

    private static Usage readUsage(DataInputView in) throws IOException {
        return new Usage(in.readInt(), in.readInt(), in.readInt(), in.readLong(), in.readLong());
    }

    static void writeProvenance(Provenance provenance, DataOutputView out) throws IOException {
        out.writeInt(WITH_ANSWERS);
        writeList(provenance.answers(), Fields::writeTaskAnswer, out);
        writeText(provenance.tasksVersion(), out);
        writeText(provenance.model(), out);
        writeText(provenance.modelDigest(), out);
        writeText(provenance.engine(), out);
        out.writeInt(provenance.promptTokens());
        out.writeInt(provenance.cachedTokens());
        out.writeInt(provenance.outputTokens());
        out.writeBoolean(provenance.cacheHit());
        out.writeLong(provenance.queueMillis());
        out.writeLong(provenance.computeMillis());
    }

    static Provenance readProvenance(DataInputView in) throws IOException {
        int first = in.readInt();
        boolean answers = first == WITH_ANSWERS;
        List<TaskAnswer> named = answers ? readList(Fields::readTaskAnswer, in) : List.of();
        return new Provenance(
                answers ? readText(in) : readText(first, in),
                readText(in),
                readText(in),
                readText(in),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readBoolean(),
                in.readLong(),
                in.readLong(),
                named);
    }

    private static void writeTaskAnswer(TaskAnswer answer, DataOutputView out) throws IOException {
        writeText(answer.model(), out);
        writeOptional(answer.cascaded(), Fields::writeCascaded, out);
        out.writeInt(answer.promptTokens());
        out.writeInt(answer.outputTokens());
        out.writeLong(answer.costNanos());
    }

    private static TaskAnswer readTaskAnswer(DataInputView in) throws IOException {
        return new TaskAnswer(
                readText(in),
                readOptional(Fields::readCascaded, in),
                in.readInt(),
                in.readInt(),
                in.readLong());
    }

    static void writeFailure(Failure failure, DataOutputView out) throws IOException {
        writeText(failure.stage().name(), out);
        writeText(failure.errorClass(), out);
        writeText(failure.message(), out);
        out.writeInt(failure.attempts());
    }

    static Failure readFailure(DataInputView in) throws IOException {
        return new Failure(
                Failure.Stage.valueOf(readText(in)), readText(in), readText(in), in.readInt());
    }
}
