package io.headrace.inference;

import io.headrace.inference.chat.ChatTemplate;
import io.headrace.inference.chat.TemplateFile;
import io.headrace.inference.gguf.GgufFile;
import io.headrace.inference.gguf.GgufReader;
import io.headrace.inference.gguf.TensorType;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a GGUF file says of its model, and what that means for memory; nothing is loaded.
 *
 * @param files how many files hold the model
 * @param parameters number of weights
 * @param tensorTypes bytes by how they are stored, for instance {@code Q4_K}
 * @param weightBytes bytes of all weights
 * @param tokenizer kind of the vocabulary
 * @param vocabularySize number of tokens
 * @param trainedContextTokens the context that the model was trained for
 * @param cacheBytesPerToken bytes that a token takes in the KV cache, estimated
 * @param hiddenWidth numbers of a hidden state
 * @param innerWidth numbers of a layer's inner state, of all experts that a token goes to
 * @param experts number of experts in a layer, 0 for a dense model
 * @param template where the prompt's form comes from
 */
public record ModelInspection(
        String name,
        String architecture,
        int files,
        long parameters,
        Map<String, Long> tensorTypes,
        long weightBytes,
        String tokenizer,
        long vocabularySize,
        long trainedContextTokens,
        long cacheBytesPerToken,
        long hiddenWidth,
        long innerWidth,
        long experts,
        Template template) {

    /** Keys and values are half-precision numbers. */
    private static final int CACHE_NUMBER_BYTES = 2;

    /** Where the form of prompts comes from. */
    public enum Template {
        /** The model's own. */
        OWN,
        /** A file beside the model's. */
        BESIDE,
        /** The model has none, and roles are written in lines of their own. */
        DEFAULT,
        /** It cannot be rendered, so the model cannot be opened. */
        UNUSABLE
    }

    /**
     * Reads and checks a file.
     *
     * @throws ModelLoadException if the file is missing, damaged, or no model
     */
    public static ModelInspection of(Path path) {
        GgufFile file = GgufReader.read(path);
        Map<String, Long> types = new TreeMap<>();
        for (GgufFile.Tensor tensor : file.tensors()) {
            TensorType type = tensor.type();
            types.merge(type.name(), tensor.bytes(), Long::sum);
        }
        return new ModelInspection(
                file.text("general.name").orElse(path.getFileName().toString()),
                file.architecture(),
                file.parts().size(),
                file.parameters(),
                types,
                file.tensorBytes(),
                file.text("tokenizer.ggml.model").orElse("")
                        + file.text("tokenizer.ggml.pre").map(pre -> ", " + pre).orElse(""),
                file.array("tokenizer.ggml.tokens").map(GgufFile.ArrayValue::length).orElse(0L),
                integer(file, "context_length", 0),
                file.cachedNumbersPerToken() * CACHE_NUMBER_BYTES,
                integer(file, "embedding_length", 0),
                innerWidth(file),
                integer(file, "expert_count", 0),
                template(path, file));
    }

    /** Returns the bytes that one sequence of so many tokens takes in the KV cache. */
    public long sequenceBytes(int tokens) {
        return tokens * cacheBytesPerToken;
    }

    private static Template template(Path path, GgufFile file) {
        Optional<String> own = file.text("tokenizer.chat_template");
        Optional<String> source = TemplateFile.orElse(path, own);
        if (source.isEmpty()) {
            return Template.DEFAULT;
        }
        try {
            ChatTemplate.of(source, "", "");
            return source.equals(own) ? Template.OWN : Template.BESIDE;
        } catch (ModelLoadException e) {
            return Template.UNUSABLE;
        }
    }

    private static long innerWidth(GgufFile file) {
        long dense = most(file, "feed_forward_length", 0);
        long ofExperts =
                integer(file, "expert_used_count", 0)
                        * most(file, "expert_feed_forward_length", dense);
        return Math.max(dense, ofExperts);
    }

    /** Returns a number that is one for all layers, or the largest of them. */
    private static long most(GgufFile file, String key, long otherwise) {
        return file.array(file.architecture() + "." + key)
                .filter(array -> !array.numbers().isEmpty())
                .map(array -> Collections.max(array.numbers()))
                .orElse(integer(file, key, otherwise));
    }

    private static long integer(GgufFile file, String key, long otherwise) {
        return file.integer(file.architecture() + "." + key).orElse(otherwise);
    }
}
