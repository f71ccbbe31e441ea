package io.headrace.inference.llama;

import com.sun.jna.Pointer;
import io.headrace.inference.ModelLoadException;
import java.nio.file.Path;

/**
 * The weights and vocabulary of a loaded model. Contexts on several threads may share it; it must
 * outlive them. Closing is not thread-safe against use.
 */
final class LlamaModel implements AutoCloseable {

    private final LlamaBinding binding;
    private final LlamaVocabulary vocabulary;
    private Pointer handle;

    private LlamaModel(LlamaBinding binding, Pointer handle) {
        this.binding = binding;
        this.handle = handle;
        this.vocabulary = new LlamaVocabulary(LlamaNative.llama_model_get_vocab(handle));
    }

    /** Loads a file that was checked before. Memory mapping is used where llama.cpp can. */
    static LlamaModel load(LlamaBinding binding, Path file) {
        return load(binding, file, false);
    }

    /** Loads the vocabulary of a file that was checked before; nothing can be computed with it. */
    static LlamaModel loadVocabulary(LlamaBinding binding, Path file) {
        return load(binding, file, true);
    }

    private static LlamaModel load(LlamaBinding binding, Path file, boolean vocabularyOnly) {
        LlamaBinding.forgetComplaints();
        LlamaNative.ModelParameters.Value parameters = binding.modelParameters();
        parameters.vocabularyOnly = (byte) (vocabularyOnly ? 1 : 0);
        // The whole file is read for its digest anyway; weights that are no numbers spread from
        // one request to all.
        parameters.checkTensors = 1;
        Pointer handle = LlamaNative.llama_model_load_from_file(file.toString(), parameters);
        if (handle == null) {
            throw new ModelLoadException(
                    "llama.cpp "
                            + LlamaBinding.RELEASE
                            + " cannot load "
                            + file
                            + ": its architecture, tensors or tokenizer are not supported, or"
                            + " memory is short"
                            + LlamaBinding.complaint()
                            + ".");
        }
        if (isTrue(LlamaNative.llama_model_has_encoder(handle))
                || !isTrue(LlamaNative.llama_model_has_decoder(handle))
                || isTrue(LlamaNative.llama_model_is_recurrent(handle))
                || isTrue(LlamaNative.llama_model_is_hybrid(handle))
                || isTrue(LlamaNative.llama_model_is_diffusion(handle))) {
            LlamaNative.llama_model_free(handle);
            throw new ModelLoadException(
                    file
                            + " is not a decoder-only transformer; models with an encoder or a"
                            + " recurrent state cannot share prefixes and are not supported.");
        }
        return new LlamaModel(binding, handle);
    }

    LlamaBinding binding() {
        return binding;
    }

    LlamaVocabulary vocabulary() {
        return vocabulary;
    }

    /** Returns the context length that the model was trained with. */
    int trainedContextTokens() {
        return LlamaNative.llama_model_n_ctx_train(handle());
    }

    Pointer handle() {
        if (handle == null) {
            throw new IllegalStateException("the model is closed");
        }
        return handle;
    }

    @Override
    public void close() {
        if (handle != null) {
            LlamaNative.llama_model_free(handle);
            handle = null;
        }
    }

    private static boolean isTrue(byte value) {
        return value != 0;
    }
}
