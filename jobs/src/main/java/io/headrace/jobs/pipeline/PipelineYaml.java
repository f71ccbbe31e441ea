package io.headrace.jobs.pipeline;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.util.TimeUtils;

/** How the text of a pipeline becomes its records. */
final class PipelineYaml {

    private PipelineYaml() {}

    /** Something that is read of a text. */
    @FunctionalInterface
    interface Reading<X> {
        X read() throws IOException;
    }

    /** Reads a text; where that fails the sentence begins with the place. */
    static <X> X reading(Path place, String yaml, Reading<X> reading) {
        try {
            return reading.read();
        } catch (JsonProcessingException e) {
            throw new PipelineFileException(place + Complaint.of(e, yaml));
        } catch (IOException | IllegalArgumentException e) {
            throw new PipelineFileException(place + ": " + e.getMessage());
        }
    }

    static void requireKnownKeys(Path place, String yaml) throws IOException {
        try (JsonParser parser = mapper().createParser(yaml)) {
            KnownKeys.check(place, parser, Pipeline.class);
        }
    }

    /** Binds and checks what can be checked without looking at other files. */
    static PipelineFile bound(Path path, String yaml) throws IOException {
        Pipeline pipeline = mapper().readValue(yaml, Pipeline.class);
        if (pipeline == null) {
            throw new PipelineFileException(path + ": the file is empty");
        }
        new ModelChecks(path, pipeline).check();
        return new PipelineFile(path, pipeline, yaml);
    }

    static YAMLMapper mapper() {
        SimpleModule module = new SimpleModule();
        module.addDeserializer(Duration.class, new DurationDeserializer());
        return YAMLMapper.builder(
                        YAMLFactory.builder()
                                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                .enable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                                .build())
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .addModule(module)
                .build();
    }

    /**
     * Durations are written as in Flink's configuration: {@code 10 s}, {@code 5 min}, {@code 1 d}.
     */
    private static final class DurationDeserializer extends StdDeserializer<Duration> {

        private static final long serialVersionUID = 1L;

        DurationDeserializer() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser parser, DeserializationContext context)
                throws IOException {
            String text = parser.getValueAsString();
            if (text == null) {
                return (Duration) context.handleUnexpectedToken(Duration.class, parser);
            }
            try {
                return TimeUtils.parseDuration(text);
            } catch (IllegalArgumentException e) {
                throw context.weirdStringException(text, Duration.class, "no duration");
            }
        }
    }
}
