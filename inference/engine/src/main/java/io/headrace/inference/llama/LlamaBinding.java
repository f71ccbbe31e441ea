package io.headrace.inference.llama;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import io.headrace.inference.ModelLoadException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one binding of llama.cpp in this process, checked against the release it was written for.
 *
 * <p>A library of another release is refused before any structure is passed to it: its version must
 * match, and the defaults that it writes into the parameter structures must be the ones of {@link
 * #RELEASE}, with nothing written behind their ends. Thread-safe.
 */
final class LlamaBinding {

    static final String RELEASE = "v0.5.0";

    private static final Logger LOG = LoggerFactory.getLogger(LlamaBinding.class);
    private static final String VERSION_PREFIX = "0.5.0";
    private static final int HALF_PRECISION = 1;
    private static final int THREADPOOL_MASK_BYTES = 512;
    private static final int THREADPOOL_POLL_OFFSET = THREADPOOL_MASK_BYTES + 8;

    /** Native code keeps these for as long as the process lives, so this class must too. */
    private static final LlamaLog NATIVE_LOG = new LlamaLog();

    private static LlamaBinding loaded;

    private final NativeLibraries libraries;
    private final Optional<Path> givenDirectory;
    private final NativeLibrary ggml;
    private final NativeLibrary base;
    private final LlamaDevices devices = new LlamaDevices(this);
    private final Function threadpoolNew;
    private final Function threadpoolFree;
    private final Function threadpoolParametersInit;
    private final String processorBackend;

    private LlamaBinding(NativeLibraries libraries, Optional<Path> givenDirectory) {
        this.libraries = libraries;
        this.givenDirectory = givenDirectory.map(Path::toAbsolutePath);
        NativeLibrary llama = NativeLibrary.getInstance(libraries.llama().toString());
        ggml = NativeLibrary.getInstance(libraries.ggml().toString());
        base = NativeLibrary.getInstance(libraries.ggmlBase().toString());
        Native.register(LlamaNative.class, llama);
        requireSameRelease(llama);
        LlamaNative.llama_log_set(NATIVE_LOG, Pointer.NULL);
        Pointer registry = processorRegistry(ggml);
        if (registry == null) {
            ggml.getFunction("ggml_backend_load_all_from_path")
                    .invokeVoid(new Object[] {libraries.directory().toString()});
            registry = processorRegistry(ggml);
        }
        if (registry == null) {
            throw new ModelLoadException(
                    "No llama.cpp library for this processor was found in "
                            + libraries.directory()
                            + " (looked for ggml-cpu-*); name a natives directory with a build for"
                            + " it.");
        }
        LlamaNative.llama_backend_init();
        Function address = base.getFunction("ggml_backend_reg_get_proc_address");
        threadpoolNew = procedure(address, registry, "ggml_threadpool_new");
        threadpoolFree = procedure(address, registry, "ggml_threadpool_free");
        threadpoolParametersInit = base.getFunction("ggml_threadpool_params_init");
        processorBackend =
                base.getFunction("ggml_backend_reg_name")
                        .invokeString(new Object[] {registry}, false);
        LOG.debug("llama.cpp {} from {}", RELEASE, libraries.directory());
    }

    /** Loads the libraries on the first call; later calls must mean the same folder. */
    static synchronized LlamaBinding load(Optional<Path> given, Path cache) {
        if (loaded != null) {
            boolean other =
                    given.isPresent()
                            && !given.get().toAbsolutePath().equals(loaded.libraries.directory());
            if (other) {
                throw new ModelLoadException(
                        "This process already runs llama.cpp from "
                                + loaded.libraries.directory()
                                + " and cannot load it from "
                                + given.get()
                                + " too; use one natives directory in a process.");
            }
            return loaded;
        }
        NativeLibraries libraries = NativeLibraries.locate(given, cache);
        try {
            loaded = new LlamaBinding(libraries, given);
        } catch (UnsatisfiedLinkError e) {
            throw new ModelLoadException(
                    "The llama.cpp libraries in "
                            + libraries.directory()
                            + " cannot be loaded on this machine ("
                            + e.getMessage()
                            + "); name a natives directory with a build of llama.cpp "
                            + RELEASE
                            + " for it.",
                    e);
        }
        return loaded;
    }

    NativeLibraries libraries() {
        return libraries;
    }

    /** Returns the folder that the user named, if one was. */
    Optional<Path> givenDirectory() {
        return givenDirectory;
    }

    /** The GPUs of this process. */
    LlamaDevices devices() {
        return devices;
    }

    /** A function of the library {@code ggml}. */
    Function ggml(String name) {
        return ggml.getFunction(name);
    }

    /** A function of the library {@code ggml-base}. */
    Function base(String name) {
        return base.getFunction(name);
    }

    static void forgetComplaints() {
        NATIVE_LOG.takeError();
    }

    /** Returns what llama.cpp complained of since the last call, to end a sentence with. */
    static String complaint() {
        String error = NATIVE_LOG.takeError();
        return error.isEmpty() ? "" : " (" + error + ")";
    }

    /** Returns whether the context made last computes attention in one go. */
    static boolean hasFlashAttention() {
        return NATIVE_LOG.hasFlashAttention();
    }

    /** Returns the name of the backend for the processor. */
    String processorBackend() {
        return processorBackend;
    }

    /** Starts a pool of compute threads that poll between operations; free it by itself. */
    Pointer newThreadpool(int threads) {
        try (Memory parameters = new Memory(1024)) {
            parameters.clear();
            threadpoolParametersInit.invokeVoid(new Object[] {parameters, threads});
            if (parameters.getInt(THREADPOOL_MASK_BYTES) != threads
                    || parameters.getInt(THREADPOOL_POLL_OFFSET) != 50) {
                throw unfit("its thread pool parameters have another layout");
            }
            return threadpoolNew.invokePointer(new Object[] {parameters});
        }
    }

    void freeThreadpool(Pointer pool) {
        threadpoolFree.invokeVoid(new Object[] {pool});
    }

    LlamaNative.ModelParameters.Value modelParameters() {
        LlamaNative.ModelParameters.Value parameters = new LlamaNative.ModelParameters.Value();
        parameters.gpuLayers = -1;
        parameters.splitMode = 1;
        parameters.loadMode = -1;
        parameters.lazyMode = 1;
        parameters.useExtraBuffers = 1;
        return parameters;
    }

    LlamaNative.ContextParameters.Value contextParameters() {
        LlamaNative.ContextParameters.Value parameters = new LlamaNative.ContextParameters.Value();
        parameters.outputsPerSequence = 1;
        parameters.ropeScaling = -1;
        parameters.pooling = -1;
        parameters.attention = -1;
        parameters.flashAttention = -1;
        parameters.yarnExtrapolation = -1;
        parameters.yarnAttention = -1;
        parameters.yarnBetaFast = -1;
        parameters.yarnBetaSlow = -1;
        parameters.defragmentation = -1;
        parameters.keyType = HALF_PRECISION;
        parameters.valueType = HALF_PRECISION;
        parameters.offloadKqv = 1;
        parameters.noPerformance = 1;
        parameters.offloadOperations = 1;
        parameters.slidingWindowFull = 1;
        return parameters;
    }

    private static Pointer processorRegistry(NativeLibrary ggml) {
        return ggml.getFunction("ggml_backend_reg_by_name").invokePointer(new Object[] {"CPU"});
    }

    private static Function procedure(Function address, Pointer registry, String name) {
        Pointer pointer = address.invokePointer(new Object[] {registry, name});
        if (pointer == null) {
            throw new UnsatisfiedLinkError("the processor backend has no " + name);
        }
        return Function.getFunction(pointer);
    }

    private void requireSameRelease(NativeLibrary llama) {
        String version = LlamaNative.llama_version();
        if (version == null || !version.startsWith(VERSION_PREFIX)) {
            throw unfit("it says version " + version);
        }
        requireSize(
                "llama_model_params",
                new LlamaNative.ModelParameters(),
                LlamaNative.ModelParameters.SIZE);
        requireSize(
                "llama_context_params",
                new LlamaNative.ContextParameters(),
                LlamaNative.ContextParameters.SIZE);
        requireSize("llama_batch", new LlamaNative.Batch(), LlamaNative.Batch.SIZE);
        var model =
                (LlamaNative.ModelParameters.Guarded)
                        llama.getFunction("llama_model_default_params")
                                .invoke(LlamaNative.ModelParameters.Guarded.class, new Object[0]);
        LlamaNative.ModelParameters.Value expectedModel = modelParameters();
        expectedModel.write();
        if (isTouched(model.guard) || !model.values().equals(expectedModel.values())) {
            throw unfit("its model parameters have another layout");
        }
        var context =
                (LlamaNative.ContextParameters.Guarded)
                        llama.getFunction("llama_context_default_params")
                                .invoke(LlamaNative.ContextParameters.Guarded.class, new Object[0]);
        LlamaNative.ContextParameters.Value expected = contextParameters();
        expected.contextTokens = 512;
        expected.batchTokens = 2048;
        expected.microBatchTokens = 512;
        expected.sequences = 1;
        expected.threads = context.threads;
        expected.batchThreads = context.threads;
        expected.write();
        if (isTouched(context.guard) || !context.values().equals(expected.values())) {
            throw unfit("its context parameters have another layout");
        }
    }

    private static void requireSize(String name, com.sun.jna.Structure structure, int size) {
        if (structure.size() != size) {
            throw new ModelLoadException(
                    "On this platform "
                            + name
                            + " takes "
                            + structure.size()
                            + " bytes instead of "
                            + size
                            + "; the binding does not fit it.");
        }
    }

    private static boolean isTouched(byte[] guard) {
        return !Arrays.equals(guard, new byte[guard.length]);
    }

    private ModelLoadException unfit(String difference) {
        return new ModelLoadException(
                "The llama.cpp library "
                        + Objects.requireNonNull(libraries.llama())
                        + " is not release "
                        + RELEASE
                        + ": "
                        + difference
                        + "; use a build of that release or leave out the natives directory.");
    }
}
