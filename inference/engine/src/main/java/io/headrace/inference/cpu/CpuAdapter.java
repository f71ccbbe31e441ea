package io.headrace.inference.cpu;

import com.sun.jna.Pointer;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.cpu.CpuShape.UnsupportedException;
import io.headrace.inference.gguf.GgufFile;
import io.headrace.inference.gguf.GgufReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A LoRA adapter of packed weights. Read only; closed by its runner, before the weights. */
final class CpuAdapter implements AutoCloseable {

    private Pointer handle;

    private CpuAdapter(Pointer handle) {
        this.handle = handle;
    }

    /**
     * Loads the adapters of the options, in the order of their numbers.
     *
     * @param model the model's file
     * @throws ModelLoadException if a file is missing or damaged, or does not fit the model
     */
    static List<CpuAdapter> loadAll(EngineOptions options, GgufFile model, CpuWeights weights) {
        List<CpuAdapter> adapters = new ArrayList<>();
        try {
            for (String name : options.adapterNames()) {
                adapters.add(load(options.adapters().get(name), model, weights));
            }
            return adapters;
        } catch (RuntimeException | Error e) {
            adapters.forEach(CpuAdapter::close);
            throw e;
        }
    }

    /**
     * Checks a file against its model.
     *
     * @throws UnsupportedException if it changes what this engine cannot change
     * @throws ModelLoadException if it is missing or damaged, or no adapter of the model
     */
    static CpuAdapterPlan check(Path file, GgufFile model) throws UnsupportedException {
        GgufFile adapter = GgufReader.readAdapter(file, model);
        try {
            return CpuAdapterPlan.of(adapter);
        } catch (UnsupportedException e) {
            throw new UnsupportedException(
                    "the adapter " + file + " does not fit: " + e.getMessage());
        }
    }

    private static CpuAdapter load(Path file, GgufFile model, CpuWeights weights) {
        CpuAdapterPlan plan;
        try {
            plan = check(file, model);
        } catch (UnsupportedException e) {
            throw new ModelLoadException(
                    "Headrace's own CPU engine cannot run: "
                            + e.getMessage()
                            + "; use engine llama.cpp or auto.",
                    e);
        }
        Pointer handle = KernelsNative.hr_adapter_new(weights.handle(), file.toString());
        if (handle == null) {
            throw new ModelLoadException("The adapter " + file + " cannot be mapped.");
        }
        CpuAdapter adapter = new CpuAdapter(handle);
        try {
            plan.pairs().forEach(pair -> adapter.take(file, pair));
            return adapter;
        } catch (RuntimeException e) {
            adapter.close();
            throw e;
        }
    }

    private void take(Path file, CpuAdapterPlan.Pair pair) {
        int code =
                KernelsNative.hr_adapter_pair(
                        handle,
                        pair.place().tensor().number(),
                        pair.place().layer(),
                        pair.rank(),
                        pair.scale(),
                        pair.down().type().number(),
                        pair.down().offset(),
                        pair.up().type().number(),
                        pair.up().offset());
        if (code != 0) {
            String what = pair.place().tensor().in(pair.place().layer()) + " of " + file;
            throw new ModelLoadException(
                    code == KernelsNative.NOT_FINITE
                            ? "The adapter of " + what + " holds no numbers."
                            : "The adapter of "
                                    + what
                                    + " cannot be packed (code "
                                    + code
                                    + "); memory may be short.");
        }
    }

    Pointer handle() {
        return handle;
    }

    @Override
    public void close() {
        if (handle != null) {
            KernelsNative.hr_adapter_free(handle);
            handle = null;
        }
    }
}
