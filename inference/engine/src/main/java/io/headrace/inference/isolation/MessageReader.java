package io.headrace.inference.isolation;

import io.headrace.inference.Backend;
import io.headrace.inference.CacheType;
import io.headrace.inference.Device;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Media;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import io.headrace.inference.ServiceClass;
import io.headrace.inference.StepFigures;
import io.headrace.inference.Usage;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what {@link MessageWriter} wrote; both are of one build, so nothing is versioned. */
final class MessageReader {

    private final DataInputStream in;

    MessageReader(InputStream in) {
        this.in = new DataInputStream(new BufferedInputStream(in, 1 << 16));
    }

    /**
     * Waits for the next message.
     *
     * @throws IOException at the end of the stream, or where it holds something else
     */
    Message read() throws IOException {
        byte kind = in.readByte();
        return switch (kind) {
            case 1 -> new Message.Open(options());
            case 2 -> new Message.Close();
            case 3 -> new Message.Cancel(in.readLong());
            case 4 -> new Message.Submit(in.readLong(), request());
            case 5 -> new Message.CountTokens(in.readLong(), request());
            case 6 -> new Message.AskStats(in.readLong());
            case 7 ->
                    new Message.Opened(
                            new ModelInfo(
                                    text(), text(), text(), text(), in.readInt(), in.readInt()));
            case 8 -> new Message.Refused(text());
            case 9 -> new Message.Ended(in.readLong(), result());
            case 10 -> new Message.Counted(in.readLong(), in.readInt());
            case 11 -> new Message.Stats(in.readLong(), stats());
            default -> throw new IOException("a message of the unknown kind " + kind);
        };
    }

    private EngineOptions options() throws IOException {
        Path model = Path.of(text());
        int[] sizes = {in.readInt(), in.readInt(), in.readInt(), in.readInt(), in.readInt()};
        String natives = text();
        Map<String, Path> adapters = new HashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            adapters.put(text(), Path.of(text()));
        }
        return new EngineOptions(
                model,
                sizes[0],
                sizes[1],
                sizes[2],
                sizes[3],
                natives.isEmpty() ? Optional.empty() : Optional.of(Path.of(natives)),
                sizes[4],
                CacheType.of(text()),
                adapters,
                false,
                Backend.of(text()),
                in.readInt(),
                Device.of(text()));
    }

    private InferenceRequest request() throws IOException {
        Prompt prompt = new Prompt(text(), texts());
        Output output = output();
        ServiceClass serviceClass = in.readBoolean() ? ServiceClass.LIVE : ServiceClass.BACKFILL;
        InferenceRequest request = new InferenceRequest(prompt, output, serviceClass);
        String adapter = text();
        if (!adapter.isEmpty()) {
            request = request.withAdapter(adapter);
        }
        List<Media> media = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            media.add(new Media(text(), bytes()));
        }
        return media.isEmpty() ? request : request.withMedia(media);
    }

    private Output output() throws IOException {
        byte kind = in.readByte();
        return switch (kind) {
            case 1 -> new Output.Labels(texts(), in.readDouble());
            case 2 -> new Output.Json(text(), in.readInt(), sampling(), text());
            case 3 -> new Output.Text(in.readInt(), texts(), sampling());
            default -> throw new IOException("an output of the unknown kind " + kind);
        };
    }

    private Sampling sampling() throws IOException {
        return new Sampling(in.readDouble(), in.readDouble(), in.readDouble(), in.readLong());
    }

    private InferenceResult result() throws IOException {
        byte kind = in.readByte();
        return switch (kind) {
            case 1 -> {
                List<Double> probabilities = new ArrayList<>();
                for (int left = in.readInt(); left > 0; left--) {
                    probabilities.add(in.readDouble());
                }
                yield new InferenceResult.Scores(probabilities, usage());
            }
            case 2 -> new InferenceResult.Generated(text(), in.readBoolean(), usage());
            case 3 -> new InferenceResult.Rejected(text());
            case 4 -> new InferenceResult.Failed(text());
            case 5 -> new InferenceResult.Cancelled();
            default -> throw new IOException("a result of the unknown kind " + kind);
        };
    }

    private Usage usage() throws IOException {
        return new Usage(in.readInt(), in.readInt(), in.readInt(), in.readLong(), in.readLong());
    }

    private EngineStats stats() throws IOException {
        return new EngineStats(
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readInt(),
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readInt(),
                in.readInt(),
                figures());
    }

    private StepFigures figures() throws IOException {
        return new StepFigures(
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong());
    }

    private List<String> texts() throws IOException {
        List<String> texts = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            texts.add(text());
        }
        return texts;
    }

    private String text() throws IOException {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    private byte[] bytes() throws IOException {
        int length = in.readInt();
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("a message ends early");
        }
        return bytes;
    }
}
