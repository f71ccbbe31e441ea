package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.testing.Family;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
