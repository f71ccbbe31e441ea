package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.cpu.OwnEngine;
import io.headrace.inference.gguf.TensorType;
import io.headrace.inference.testing.Adapters;
import io.headrace.inference.testing.Family;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelInspectionTest {

    @TempDir private Path folder;

    @Test
    void compressedLatentAttentionCountsItsKeysOnly() {
        Path file = Family.DEEPSEEK_V3.write(folder.resolve("v3.gguf"), 1);
        ModelInspection model = ModelInspection.of(file);
        // Three layers of one row of 32 latent and 16 rotary numbers, in two bytes each.
        assertThat(model.cacheBytesPerToken()).isEqualTo(3 * 48 * 2);
        assertThat(model.experts()).isEqualTo(8);
        assertThat(model.template()).isEqualTo(ModelInspection.Template.OWN);
    }

    @Test
    void partsOfASplitModelCountTogether() throws IOException {
        Path whole = Family.MIXTRAL.write(folder.resolve("whole.gguf"), 1);
        Path first = Family.MIXTRAL.writer(1, Family.WIDTH).writeSplit(folder, "split", 3);
        ModelInspection one = ModelInspection.of(whole);
        ModelInspection three = ModelInspection.of(first);
        assertThat(three.files()).isEqualTo(3);
        assertThat(three.parameters()).isEqualTo(one.parameters()).isPositive();
        assertThat(three.weightBytes()).isEqualTo(one.weightBytes());
        assertThat(three.tensorTypes()).isEqualTo(one.tensorTypes());
        Path second = folder.resolve("split-00002-of-00003.gguf");
        assertThatThrownBy(() -> ModelInspection.of(second))
                .hasMessageContainingAll("part 2 of 3", "name the first part");
        Files.delete(second);
        assertThatThrownBy(() -> ModelInspection.of(first))
                .hasMessageContainingAll("split-00002-of-00003.gguf", "is not beside");
    }

    @Test
    void filesOfOtherKindsAreRefusedWithWhatToDo() throws IOException {
        Path adapter = Adapters.lora(folder.resolve("adapter.gguf"), 1, ModelShape.TINY);
        assertThatThrownBy(() -> ModelInspection.of(adapter))
                .hasMessageContaining("name it as an adapter of its model");
        Path named = folder.resolve("named.gguf");
        Family.GEMMA_3.writer(1, Family.WIDTH).put("general.type", "mmproj").write(named);
        Path projector = folder.resolve("projector.gguf");
        Family.GEMMA_3.writer(1, Family.WIDTH).put("general.architecture", "clip").write(projector);
        for (Path images : List.of(named, projector)) {
            assertThatThrownBy(() -> ModelInspection.of(images))
                    .hasMessageContainingAll("images or sound", "text part", "remote engine");
        }
    }

    /** The estimate is of weights and cache; an engine has buffers to compute with besides. */
    @ParameterizedTest
    @EnumSource(names = {"HEADRACE", "LLAMA_CPP"})
    @EnabledOnOs(OS.LINUX)
    void theMemoryForetoldIsTheMemoryTaken(Backend backend) throws Exception {
        OwnEngine.assumePresentFor(backend);
        TensorType type = TensorType.Q8_0;
        ModelShape shape = new ModelShape(8, 512, 8, 8, 2048, 8192, 4096, type, type);
        Path model = TinyModels.llama(folder.resolve("some.gguf"), 1, shape);
        Path tiny = TinyModels.llama(folder.resolve("tiny.gguf"), 1);
        ModelInspection inspected = ModelInspection.of(model);
        EngineOptions options = EngineOptions.of(model).withContextTokens(4096);
        long foretold = inspected.weightBytes() + inspected.sequenceBytes(options.cacheCells());
        Process probe =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElse("java"),
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-cp",
                                ManagementFactory.getRuntimeMXBean().getClassPath(),
                                MemoryProbe.class.getName(),
                                model.toString(),
                                String.valueOf(options.contextTokens()),
                                backend.written(),
                                tiny.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        List<String> output;
        try (BufferedReader reader = probe.inputReader(StandardCharsets.UTF_8)) {
            output = reader.lines().toList();
        }
        long taken = Long.parseLong(output.get(output.size() - 1));
        // Our own engine takes the cache's memory when it is first written.
        double least = backend == Backend.HEADRACE ? 0.3 : 0.9;
        assertThat((double) taken).isBetween(least * foretold, 1.1 * foretold + (48L << 20));
    }

    @Test
    void aTemplateThatCannotBeRenderedIsReplacedByOneBesideTheModel() throws IOException {
        Path file = folder.resolve("odd.gguf");
        Family.QWEN_2.writer(1, 64).put("tokenizer.chat_template", "{% if %}").write(file);
        assertThat(ModelInspection.of(file).template())
                .isEqualTo(ModelInspection.Template.UNUSABLE);
        Files.writeString(folder.resolve("odd.gguf.jinja"), "{{ messages[0].content }}");
        assertThat(ModelInspection.of(file).template()).isEqualTo(ModelInspection.Template.BESIDE);
        try (InferenceEngine engine = Engines.open(EngineOptions.of(file))) {
            Prompt prompt = new Prompt("", List.of("hello"));
            Output output = new Output.Labels(List.of("a"));
            // The template writes nothing around the text, and this tokenizer adds nothing.
            assertThat(engine.countPromptTokens(new InferenceRequest(prompt, output)))
                    .isLessThanOrEqualTo(5);
        }
        Files.delete(folder.resolve("odd.gguf.jinja"));
        Family.QWEN_2.writer(1, 64).remove("tokenizer.chat_template").write(file);
        assertThat(ModelInspection.of(file).template()).isEqualTo(ModelInspection.Template.DEFAULT);
    }
}
