package io.headrace.inference.llama;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import java.nio.file.Path;

/** llama.cpp's own quantizer, which makes the files that users have. */
final class Quantization {

    private Quantization() {}

    /** {@code struct llama_model_quantize_params}, with what stands behind the flags as padding. */
    @FieldOrder({
        "threads",
        "fileType",
        "outputType",
        "embeddingType",
        "flags",
        "padding",
        "pointers",
        "bufferBytes"
    })
    public static class Parameters extends Structure {
        public int threads;
        public int fileType;
        public int outputType;
        public int embeddingType;
        public byte[] flags = new byte[6];
        public byte[] padding = new byte[2];
        public Pointer[] pointers = new Pointer[4];
        public long bufferBytes;

        public static final class Value extends Parameters implements Structure.ByValue {}
    }

    static Path quantize(Path from, Path to, int fileType) {
        LlamaBinding binding = FamilyAssert.binding();
        NativeLibrary llama = NativeLibrary.getInstance(binding.libraries().llama().toString());
        Function defaults = llama.getFunction("llama_model_quantize_default_params");
        Parameters parameters =
                (Parameters) defaults.invoke(Parameters.Value.class, new Object[] {});
        parameters.threads = 1;
        parameters.fileType = fileType;
        parameters.write();
        Object[] arguments = {from.toString(), to.toString(), parameters.getPointer()};
        int code = llama.getFunction("llama_model_quantize").invokeInt(arguments);
        if (code != 0) {
            throw new IllegalStateException("llama.cpp cannot quantize " + from + ": " + code);
        }
        return to;
    }
}
