package io.headrace.inference.llama;

import com.sun.jna.Pointer;
import io.headrace.inference.CacheType;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.logits.LogitRow;
import io.headrace.inference.logits.NativeRow;

/**
 * A KV cache and the buffers to compute with it, over a shared model. One thread owns it: the first
 * that uses it. Everything that would make llama.cpp abort the process is checked here.
 *
 * <p>The cache is unified: cells are shared by all sequences, so copying a sequence copies no data.
 */
final class LlamaContext implements AutoCloseable {

    /** llama.cpp's {@code LLAMA_MAX_SEQ}: with a unified cache, any of these may be used. */
    static final int MOST_SEQUENCES = 256;

    private static final int FLASH_ATTENTION = 1;

    /** Off where the GPU would have to leave it to the processor. */
    private static final int FLASH_ATTENTION_IF_SUPPORTED = -1;

    /** ggml's number of the type, {@code GGML_TYPE_Q8_0}. */
    private static final int Q8_0 = 8;

    /**
     * How much a context can hold and compute.
     *
     * @param cells tokens in the KV cache
     * @param rows the most rows of one decode
     * @param outputs the most rows of one decode whose logits are asked for
     * @param threads compute threads
     * @param cacheType how keys and values stand in the cache
     */
    record Size(int cells, int rows, int outputs, int threads, CacheType cacheType) {

        Size(int cells, int rows, int outputs, int threads) {
            this(cells, rows, outputs, threads, CacheType.F16);
        }
    }

    private final Size size;
    private final LlamaBinding binding;
    private final int vocabularySize;
    private final int contextCells;
    private Pointer handle;
    private Pointer threadpool;
    private Pointer memory;
    private Thread owner;
    private int lastOutputs;
    private int threads;

    LlamaContext(LlamaModel model, Size size) {
        this.size = size;
        this.binding = model.binding();
        this.vocabularySize = model.vocabulary().size();
        LlamaNative.ContextParameters.Value parameters = binding.contextParameters();
        parameters.contextTokens = size.cells();
        parameters.batchTokens = size.rows();
        parameters.microBatchTokens = size.rows();
        // Only sizes buffers: a unified cache takes any number below MOST_SEQUENCES. With more
        // sequences than outputs llama.cpp would abort.
        parameters.sequences = Math.min(size.outputs(), MOST_SEQUENCES);
        parameters.outputs = size.outputs();
        parameters.threads = 1;
        parameters.batchThreads = 1;
        parameters.flashAttention =
                model.gpu().isPresent() ? FLASH_ATTENTION_IF_SUPPORTED : FLASH_ATTENTION;
        parameters.unifiedCache = 1;
        if (size.cacheType() == CacheType.Q8) {
            parameters.keyType = Q8_0;
            parameters.valueType = Q8_0;
        }
        LlamaBinding.forgetComplaints();
        handle = LlamaNative.llama_init_from_model(model.handle(), parameters);
        if (handle == null) {
            throw new ModelLoadException(
                    "llama.cpp cannot make a context of "
                            + size.cells()
                            + " tokens for this model: memory is short"
                            + LlamaModel.where(model.gpu())
                            + ", or the model does not"
                            + " support flash attention"
                            + (size.cacheType() == CacheType.F16
                                    ? ""
                                    : ", or no cache in "
                                            + size.cacheType().written()
                                            + ", which needs heads of a multiple of "
                                            + CacheType.GROUP
                                            + " numbers: use cacheType f16")
                            + LlamaBinding.complaint()
                            + ".");
        }
        memory = LlamaNative.llama_get_memory(handle);
        if (memory == null) {
            close();
            throw new ModelLoadException(
                    "The model writes no text: llama.cpp keeps no KV cache for it, as for models that"
                            + " make embeddings.");
        }
        contextCells = LlamaNative.llama_n_ctx(handle);
        if (LlamaNative.llama_n_batch(handle) < size.rows()) {
            close();
            throw new ModelLoadException(
                    "A step of "
                            + size.rows()
                            + " tokens does not fit a context of "
                            + size.cells()
                            + " tokens.");
        }
        threads = 1;
        if (size.threads() > 1) {
            threadpool = binding.newThreadpool(size.threads());
        }
    }

    /** Returns llama.cpp's own handle; for tests. */
    Pointer handle() {
        return handle;
    }

    /** Returns the number of cells that the cache has, at least the number asked for. */
    int cells() {
        return contextCells;
    }

    /**
     * Computes a batch.
     *
     * @return llama.cpp's code: 0 done, 1 no room in the cache and nothing changed, 2 aborted,
     *     negative failed
     */
    int decode(LlamaBatch batch) {
        checkOwner();
        if (batch.rows() == 0 || batch.rows() > size.rows()) {
            throw new IllegalArgumentException(
                    "a decode takes 1 to " + size.rows() + " rows, not " + batch.rows());
        }
        if (batch.outputRows() > size.outputs()) {
            throw new IllegalArgumentException(
                    "a decode gives at most "
                            + size.outputs()
                            + " rows of logits, not "
                            + batch.outputRows());
        }
        lastOutputs = 0;
        int code = LlamaNative.llama_decode(handle, batch.structure());
        if (code == 0) {
            lastOutputs = batch.outputRows();
        }
        return code;
    }

    /** Computes the next batches with an adapter; null is the model as it is. */
    void useAdapter(LlamaAdapter adapter) {
        checkOwner();
        int code =
                adapter == null
                        ? LlamaNative.llama_set_adapters_lora(handle, Pointer.NULL, 0, Pointer.NULL)
                        : LlamaNative.llama_set_adapters_lora(
                                handle, adapter.handles(), 1, adapter.scales());
        if (code != 0) {
            throw new IllegalStateException("llama.cpp cannot use an adapter (code " + code + ")");
        }
    }

    /** Computes the next batches with a single thread or with all; the others sleep meanwhile. */
    void useThreads(int wanted) {
        checkOwner();
        if (wanted == threads) {
            return;
        }
        if (wanted > 1 && threadpool != null) {
            LlamaNative.llama_attach_threadpool(handle, threadpool, threadpool);
        } else {
            LlamaNative.llama_detach_threadpool(handle);
        }
        LlamaNative.llama_set_n_threads(handle, wanted, wanted);
        threads = wanted;
    }

    /**
     * Returns the logits of one row of the last decode, which are gone with the next.
     *
     * @param output its place among the rows whose logits were asked for
     */
    LogitRow logits(int output) {
        checkOwner();
        if (output < 0 || output >= lastOutputs) {
            throw new IndexOutOfBoundsException(
                    "the last decode gave " + lastOutputs + " rows of logits, not " + output);
        }
        Pointer first = LlamaNative.llama_get_logits(handle);
        return NativeRow.at(
                first.share((long) Float.BYTES * output * vocabularySize), vocabularySize);
    }

    /**
     * Computes the largest batch and the smallest, and forgets them: drivers compile kernels, and
     * take the last of their memory, when these are used first. Any thread may own it afterwards.
     *
     * @throws ModelLoadException if that fails
     */
    void warmUp() {
        try (LlamaBatch batch = new LlamaBatch(size.rows())) {
            for (int rows : new int[] {size.rows(), 1}) {
                batch.clear();
                for (int row = 0; row < rows; row++) {
                    batch.add(0, row, 0, row >= rows - size.outputs());
                }
                int code = decode(batch);
                if (code != 0) {
                    throw new ModelLoadException(
                            "llama.cpp cannot compute "
                                    + rows
                                    + " tokens on this device (code "
                                    + code
                                    + ")"
                                    + LlamaBinding.complaint()
                                    + ".");
                }
                truncateSequence(0, 0);
            }
        }
        owner = null;
    }

    /** Gives the target sequence the first {@code length} tokens of the source. */
    void copySequence(int source, int target, int length) {
        checkOwner();
        checkSequence(source);
        checkSequence(target);
        LlamaNative.llama_memory_seq_cp(memory, source, target, 0, length);
    }

    /** Removes all sequences, and the numbers that their cells held. */
    void wipe() {
        checkOwner();
        LlamaNative.llama_memory_clear(memory, (byte) 1);
    }

    /** Removes what a sequence holds from a position on; returns whether that was possible. */
    boolean truncateSequence(int sequence, int length) {
        checkOwner();
        checkSequence(sequence);
        return LlamaNative.llama_memory_seq_rm(memory, sequence, length, -1) != 0;
    }

    @Override
    public void close() {
        if (handle == null) {
            return;
        }
        LlamaNative.llama_detach_threadpool(handle);
        LlamaNative.llama_free(handle);
        handle = null;
        memory = null;
        if (threadpool != null) {
            binding.freeThreadpool(threadpool);
            threadpool = null;
        }
    }

    private void checkOwner() {
        if (handle == null) {
            throw new IllegalStateException("the context is closed");
        }
        if (owner == null) {
            owner = Thread.currentThread();
        } else if (owner != Thread.currentThread()) {
            throw new IllegalStateException(
                    "the context belongs to " + owner + ", not to " + Thread.currentThread());
        }
    }

    private static void checkSequence(int sequence) {
        if (sequence < 0 || sequence >= MOST_SEQUENCES) {
            throw new IndexOutOfBoundsException(
                    "sequence " + sequence + " is not in [0, " + MOST_SEQUENCES + ")");
        }
    }
}
