package io.headrace.inference.llama;

import com.sun.jna.Callback;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The raw functions of {@code llama.h}, bound directly by JNA. Nothing is checked here: only {@link
 * LlamaBinding} and the safe wrappers call it.
 *
 * <p>C's {@code bool} is one byte, Java's {@code boolean} would be passed as an int, hence {@code
 * byte}. {@code size_t} is a {@code long}: the platforms are 64-bit.
 */
final class LlamaNative {

    private LlamaNative() {}

    interface LogCallback extends Callback {
        void invoke(int level, Pointer text, Pointer userData);
    }

    static native String llama_version();

    static native void llama_log_set(LogCallback callback, Pointer userData);

    static native void llama_backend_init();

    static native Pointer llama_model_load_from_file(String path, ModelParameters.Value parameters);

    static native void llama_model_free(Pointer model);

    static native Pointer llama_init_from_model(Pointer model, ContextParameters.Value parameters);

    static native void llama_free(Pointer context);

    static native void llama_attach_threadpool(Pointer context, Pointer pool, Pointer batchPool);

    static native void llama_detach_threadpool(Pointer context);

    static native void llama_set_n_threads(Pointer context, int threads, int batchThreads);

    static native int llama_n_ctx(Pointer context);

    static native int llama_n_batch(Pointer context);

    static native Pointer llama_get_memory(Pointer context);

    static native Pointer llama_model_get_vocab(Pointer model);

    static native int llama_model_n_ctx_train(Pointer model);

    static native byte llama_model_has_encoder(Pointer model);

    static native byte llama_model_has_decoder(Pointer model);

    static native byte llama_model_is_recurrent(Pointer model);

    static native byte llama_model_is_hybrid(Pointer model);

    static native byte llama_model_is_diffusion(Pointer model);

    static native void llama_memory_clear(Pointer memory, byte data);

    static native byte llama_memory_seq_rm(Pointer memory, int sequence, int from, int to);

    static native void llama_memory_seq_cp(
            Pointer memory, int source, int target, int from, int to);

    static native int llama_decode(Pointer context, Batch.Value batch);

    static native Pointer llama_get_logits(Pointer context);

    static native Pointer llama_adapter_lora_init(Pointer model, String path);

    static native void llama_adapter_lora_free(Pointer adapter);

    static native int llama_set_adapters_lora(
            Pointer context, Pointer adapters, long count, Pointer scales);

    static native int llama_vocab_n_tokens(Pointer vocabulary);

    static native byte llama_vocab_is_eog(Pointer vocabulary, int token);

    static native byte llama_vocab_is_control(Pointer vocabulary, int token);

    static native int llama_vocab_get_attr(Pointer vocabulary, int token);

    static native int llama_vocab_bos(Pointer vocabulary);

    static native int llama_vocab_eos(Pointer vocabulary);

    static native byte llama_vocab_get_add_bos(Pointer vocabulary);

    static native int llama_vocab_type(Pointer vocabulary);

    static native int llama_tokenize(
            Pointer vocabulary,
            byte[] text,
            int textLength,
            int[] tokens,
            int capacity,
            byte addSpecial,
            byte parseSpecial);

    static native int llama_token_to_piece(
            Pointer vocabulary, int token, byte[] buffer, int length, int leftStrip, byte special);

    /** A structure of parameters that the library can fill with its defaults. */
    abstract static class Parameters extends Structure {

        /** Returns the fields' values by name, without the guard behind them. */
        final Map<String, Object> values() {
            Map<String, Object> values = new TreeMap<>();
            for (String field : getFieldOrder()) {
                if (!field.equals("guard")) {
                    values.put(field, Objects.requireNonNullElse(readField(field), "null"));
                }
            }
            return values;
        }
    }

    /** {@code struct llama_model_params}. */
    @FieldOrder({
        "devices",
        "tensorBufferOverrides",
        "gpuLayers",
        "splitMode",
        "loadMode",
        "lazyMode",
        "mainGpu",
        "tensorSplit",
        "progressCallback",
        "progressCallbackUserData",
        "keyValueOverrides",
        "vocabularyOnly",
        "checkTensors",
        "useExtraBuffers",
        "noHost",
        "noAllocation",
        "loadMtp"
    })
    public static class ModelParameters extends Parameters {
        public static final int SIZE = 80;

        public Pointer devices;
        public Pointer tensorBufferOverrides;
        public int gpuLayers;
        public int splitMode;
        public int loadMode;
        public int lazyMode;
        public int mainGpu;
        public Pointer tensorSplit;
        public Pointer progressCallback;
        public Pointer progressCallbackUserData;
        public Pointer keyValueOverrides;
        public byte vocabularyOnly;
        public byte checkTensors;
        public byte useExtraBuffers;
        public byte noHost;
        public byte noAllocation;
        public byte loadMtp;

        public static final class Value extends ModelParameters implements Structure.ByValue {}

        /** The same with room behind it, to notice a library whose structure is larger. */
        @FieldOrder("guard")
        public static final class Guarded extends ModelParameters implements Structure.ByValue {
            public byte[] guard = new byte[256];
        }
    }

    /** {@code struct llama_context_params}. */
    @FieldOrder({
        "contextTokens",
        "batchTokens",
        "microBatchTokens",
        "sequences",
        "recurrentSnapshots",
        "outputs",
        "outputsPerSequence",
        "threads",
        "batchThreads",
        "contextType",
        "ropeScaling",
        "pooling",
        "attention",
        "flashAttention",
        "ropeFrequencyBase",
        "ropeFrequencyScale",
        "yarnExtrapolation",
        "yarnAttention",
        "yarnBetaFast",
        "yarnBetaSlow",
        "yarnOriginalContext",
        "defragmentation",
        "evaluationCallback",
        "evaluationCallbackUserData",
        "keyType",
        "valueType",
        "abortCallback",
        "abortCallbackUserData",
        "embeddings",
        "offloadKqv",
        "noPerformance",
        "offloadOperations",
        "slidingWindowFull",
        "unifiedCache",
        "samplers",
        "samplerCount",
        "otherContext"
    })
    public static class ContextParameters extends Parameters {
        public static final int SIZE = 160;

        public int contextTokens;
        public int batchTokens;
        public int microBatchTokens;
        public int sequences;
        public int recurrentSnapshots;
        public int outputs;
        public int outputsPerSequence;
        public int threads;
        public int batchThreads;
        public int contextType;
        public int ropeScaling;
        public int pooling;
        public int attention;
        public int flashAttention;
        public float ropeFrequencyBase;
        public float ropeFrequencyScale;
        public float yarnExtrapolation;
        public float yarnAttention;
        public float yarnBetaFast;
        public float yarnBetaSlow;
        public int yarnOriginalContext;
        public float defragmentation;
        public Pointer evaluationCallback;
        public Pointer evaluationCallbackUserData;
        public int keyType;
        public int valueType;
        public Pointer abortCallback;
        public Pointer abortCallbackUserData;
        public byte embeddings;
        public byte offloadKqv;
        public byte noPerformance;
        public byte offloadOperations;
        public byte slidingWindowFull;
        public byte unifiedCache;
        public Pointer samplers;
        public long samplerCount;
        public Pointer otherContext;

        public static final class Value extends ContextParameters implements Structure.ByValue {}

        /** The same with room behind it, to notice a library whose structure is larger. */
        @FieldOrder("guard")
        public static final class Guarded extends ContextParameters implements Structure.ByValue {
            public byte[] guard = new byte[256];
        }
    }

    /** {@code struct llama_batch}. */
    @FieldOrder({
        "tokenCount",
        "tokens",
        "embeddings",
        "positions",
        "sequenceCounts",
        "sequenceIds",
        "outputs"
    })
    public static class Batch extends Structure {
        public static final int SIZE = 56;

        public int tokenCount;
        public Pointer tokens;
        public Pointer embeddings;
        public Pointer positions;
        public Pointer sequenceCounts;
        public Pointer sequenceIds;
        public Pointer outputs;

        public static final class Value extends Batch implements Structure.ByValue {}
    }
}
