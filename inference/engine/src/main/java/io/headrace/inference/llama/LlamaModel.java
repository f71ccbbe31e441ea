package io.headrace.inference.llama;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.headrace.inference.ModelLoadException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The weights and vocabulary of a loaded model. Contexts on several threads may share it; it must
 * outlive them. Closing is not thread-safe against use.
 */
final class LlamaModel implements AutoCloseable {

    private static final int SPLIT_NONE = 0;

    private final LlamaBinding binding;
    private final LlamaVocabulary vocabulary;
    private final Optional<LlamaDevices.Chosen> gpu;
    private Pointer handle;

    private LlamaModel(LlamaBinding binding, Optional<LlamaDevices.Chosen> gpu, Pointer handle) {
        this.binding = binding;
        this.gpu = gpu;
        this.handle = handle;
        this.vocabulary = new LlamaVocabulary(LlamaNative.llama_model_get_vocab(handle));
    }

    /** Loads a file that was checked before, for the processor. */
    static LlamaModel load(LlamaBinding binding, Path file) {
        return load(binding, file, Optional.empty());
    }

    /**
     * Loads a file that was checked before. Memory mapping is used where llama.cpp can.
     *
     * @param gpu the GPU that gets all layers
     */
    static LlamaModel load(LlamaBinding binding, Path file, Optional<LlamaDevices.Chosen> gpu) {
        return load(binding, file, gpu, false);
    }

    /** Loads the vocabulary of a file that was checked before; nothing can be computed with it. */
    static LlamaModel loadVocabulary(LlamaBinding binding, Path file) {
        return load(binding, file, Optional.empty(), true);
    }

    private static LlamaModel load(
            LlamaBinding binding,
            Path file,
            Optional<LlamaDevices.Chosen> gpu,
            boolean vocabularyOnly) {
        LlamaBinding.forgetComplaints();
        LlamaNative.ModelParameters.Value parameters = binding.modelParameters();
        parameters.vocabularyOnly = (byte) (vocabularyOnly ? 1 : 0);
        // The whole file is read for its digest anyway; weights that are no numbers spread from
        // one request to all.
        parameters.checkTensors = 1;
        Pointer handle;
        // A list that ends with null. Without it llama.cpp would take all GPUs of the process.
        try (Memory devices = new Memory(2L * Native.POINTER_SIZE)) {
            devices.clear();
            gpu.ifPresent(chosen -> devices.setPointer(0, chosen.handle()));
            parameters.devices = devices;
            parameters.splitMode = SPLIT_NONE;
            handle = LlamaNative.llama_model_load_from_file(file.toString(), parameters);
        }
        if (handle == null) {
            throw new ModelLoadException(
                    "llama.cpp "
                            + LlamaBinding.RELEASE
                            + " cannot load "
                            + file
                            + ": its architecture, tensors or tokenizer are not supported, or"
                            + " memory is short"
                            + where(gpu)
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
        return new LlamaModel(binding, gpu, handle);
    }

    /** Returns the GPU that holds it. */
    Optional<LlamaDevices.Chosen> gpu() {
        return gpu;
    }

    /** Names the GPU and what it had free, to go on with in a sentence. */
    static String where(Optional<LlamaDevices.Chosen> gpu) {
        return gpu.map(
                        chosen ->
                                " on "
                                        + chosen.device()
                                        + ", where "
                                        + (chosen.memory().freeBytes() >> 20)
                                        + " MiB of "
                                        + (chosen.memory().totalBytes() >> 20)
                                        + " were free")
                .orElse("");
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
