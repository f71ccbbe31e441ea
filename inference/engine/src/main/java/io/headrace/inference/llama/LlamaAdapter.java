package io.headrace.inference.llama;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.gguf.GgufFile;
import io.headrace.inference.gguf.GgufReader;
import java.nio.file.Path;

/** A LoRA adapter of a model. Used by one context; closed before the model. */
final class LlamaAdapter implements AutoCloseable {

    /** Adapters are entered into a list of the model that has no lock of its own. */
    private static final Object LOADING = new Object();

    private final Memory handles = new Memory(8);
    private final Memory scales = new Memory(4);
    private Pointer handle;

    private LlamaAdapter(Pointer handle) {
        this.handle = handle;
        handles.setPointer(0, handle);
        scales.setFloat(0, 1);
    }

    /**
     * Checks a file against the one that the model was loaded from, and loads it.
     *
     * @throws ModelLoadException if it is damaged or no adapter of the model
     */
    static LlamaAdapter load(LlamaModel model, GgufFile modelFile, Path file) {
        GgufReader.readAdapter(file, modelFile);
        synchronized (LOADING) {
            LlamaBinding.forgetComplaints();
            Pointer handle = LlamaNative.llama_adapter_lora_init(model.handle(), file.toString());
            if (handle == null) {
                throw new ModelLoadException(
                        "llama.cpp "
                                + LlamaBinding.RELEASE
                                + " cannot load the adapter "
                                + file
                                + " for this model"
                                + LlamaBinding.complaint()
                                + ".");
            }
            return new LlamaAdapter(handle);
        }
    }

    /** Returns the native array of this adapter alone. */
    Pointer handles() {
        return handles;
    }

    /** Returns the native array of its scale, 1. */
    Pointer scales() {
        return scales;
    }

    @Override
    public void close() {
        if (handle == null) {
            return;
        }
        synchronized (LOADING) {
            LlamaNative.llama_adapter_lora_free(handle);
        }
        handle = null;
        handles.close();
        scales.close();
    }
}
