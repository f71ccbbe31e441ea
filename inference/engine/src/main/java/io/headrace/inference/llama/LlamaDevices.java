package io.headrace.inference.llama;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.headrace.inference.Device;
import io.headrace.inference.DeviceInfo;
import io.headrace.inference.DeviceMemory;
import io.headrace.inference.DevicesFound;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.ModelLoadException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The GPUs that llama.cpp can compute on in this process. Its libraries for them are loaded when a
 * kind is asked for first, and stay loaded. Thread-safe.
 */
public final class LlamaDevices {

    private static final int INTEGRATED = 2;

    private final LlamaBinding binding;

    /** llama.cpp's handles of the devices, by kind and number. */
    private final Map<Device.Kind, List<Pointer>> handles = new EnumMap<>(Device.Kind.class);

    LlamaDevices(LlamaBinding binding) {
        this.binding = binding;
    }

    /**
     * A GPU in use.
     *
     * @param device which one
     * @param handle llama.cpp's
     * @param memory what it had free when it was looked up
     */
    public record Chosen(Device device, Pointer handle, DeviceMemory memory) {}

    /** Looks for the GPUs of a kind. */
    public static DevicesFound find(Device.Kind kind, EngineOptions options) {
        if (options.nativesDirectory().isEmpty() && packaged(kind).isEmpty()) {
            return DevicesFound.none(notPackaged(kind));
        }
        return LlamaBinding.load(options.nativesDirectory(), EngineOptions.nativesCache())
                .devices()
                .find(kind);
    }

    /**
     * Returns the GPU that options name by number. Asking what memory is free wakes it up.
     *
     * @throws ModelLoadException if it is not there
     */
    public static Chosen get(EngineOptions options) {
        return LlamaBinding.load(options.nativesDirectory(), EngineOptions.nativesCache())
                .devices()
                .get(options.device());
    }

    synchronized Chosen get(Device device) {
        DevicesFound found = find(device.kind());
        int number = device.number().orElse(0);
        if (number >= found.devices().size()) {
            throw new ModelLoadException(
                    "Device " + device + " is not there. " + found.obstacle() + ".");
        }
        Pointer handle = handles.get(device.kind()).get(number);
        try (Memory sizes = new Memory(16)) {
            sizes.clear();
            binding.base("ggml_backend_dev_memory")
                    .invokeVoid(new Object[] {handle, sizes, sizes.share(8)});
            DeviceMemory memory = new DeviceMemory(sizes.getLong(0), sizes.getLong(8));
            return new Chosen(device, handle, memory);
        }
    }

    synchronized DevicesFound find(Device.Kind kind) {
        if (handles.get(kind) == null) {
            String obstacle = load(kind);
            if (handles.get(kind) == null) {
                return DevicesFound.none(obstacle);
            }
        }
        List<DeviceInfo> devices = new ArrayList<>();
        for (Pointer handle : handles.get(kind)) {
            devices.add(
                    new DeviceInfo(
                            Device.gpu(kind, devices.size()),
                            binding.base("ggml_backend_dev_description")
                                    .invokeString(new Object[] {handle}, false),
                            type(handle) == INTEGRATED));
        }
        return new DevicesFound(devices, "");
    }

    /** Loads what there is for a kind; returns why there is nothing. */
    private String load(Device.Kind kind) {
        Optional<Path> folder = binding.givenDirectory();
        if (folder.isPresent()) {
            return loadGiven(kind, folder.get());
        }
        List<String> obstacles = new ArrayList<>();
        for (GpuLibrary library : packaged(kind)) {
            String obstacle = loadPackaged(library);
            if (obstacle.isEmpty()) {
                return "";
            }
            obstacles.add(obstacle);
        }
        return obstacles.isEmpty() ? notPackaged(kind) : String.join("; ", obstacles);
    }

    private String loadPackaged(GpuLibrary library) {
        DynamicLinker linker = new DynamicLinker();
        String missing = library.missing(file -> linker.open(file).isEmpty());
        if (!missing.isEmpty()) {
            return missing;
        }
        try {
            Path folder =
                    PackagedNatives.forPlatform(library.resources())
                            .unpack(EngineOptions.nativesCache());
            return register(library.kind(), folder.resolve(fileName(library.kind())));
        } catch (ModelLoadException e) {
            // Whoever asked for 'auto' still has the processor.
            return e.getMessage().replaceFirst("\\.$", "");
        }
    }

    /** A folder's libraries were all loaded with the binding, as far as that was possible. */
    private String loadGiven(Device.Kind kind, Path folder) {
        Pointer registry =
                binding.ggml("ggml_backend_reg_by_name").invokePointer(new Object[] {name(kind)});
        if (registry != null) {
            return accept(kind, registry);
        }
        Path file = folder.resolve(fileName(kind));
        if (!Files.exists(file)) {
            return "the natives directory " + folder + " has no " + fileName(kind);
        }
        return register(kind, file);
    }

    private String register(Device.Kind kind, Path file) {
        String reason = new DynamicLinker().open(file.toString());
        if (!reason.isEmpty()) {
            return "llama.cpp's library for " + name(kind) + " cannot be loaded: " + reason;
        }
        LlamaBinding.forgetComplaints();
        Pointer registry =
                binding.ggml("ggml_backend_load").invokePointer(new Object[] {file.toString()});
        if (registry == null) {
            return "llama.cpp's library for "
                    + name(kind)
                    + " cannot be used"
                    + LlamaBinding.complaint();
        }
        return accept(kind, registry);
    }

    private String accept(Device.Kind kind, Pointer registry) {
        long count =
                ((Number)
                                binding.base("ggml_backend_reg_dev_count")
                                        .invoke(Long.class, new Object[] {registry}))
                        .longValue();
        List<Pointer> found = new ArrayList<>();
        for (long index = 0; index < count; index++) {
            found.add(
                    binding.base("ggml_backend_reg_dev_get")
                            .invokePointer(new Object[] {registry, index}));
        }
        if (found.isEmpty()) {
            String obstacle =
                    "the driver shows no GPU for "
                            + name(kind)
                            + LlamaBinding.complaint()
                            + ": check with "
                            + (kind == Device.Kind.CUDA ? "nvidia-smi" : "vulkaninfo --summary")
                            + " in the same container, and which devices it may see";
            binding.ggml("ggml_backend_unload").invokeVoid(new Object[] {registry});
            return obstacle;
        }
        handles.put(kind, List.copyOf(found));
        return "";
    }

    private int type(Pointer handle) {
        return binding.base("ggml_backend_dev_type").invokeInt(new Object[] {handle});
    }

    private static List<GpuLibrary> packaged(Device.Kind kind) {
        return GpuLibrary.of(kind).stream()
                .filter(library -> PackagedNatives.isThere(library.resources()))
                .toList();
    }

    private static String notPackaged(Device.Kind kind) {
        return "llama.cpp's library for "
                + name(kind)
                + " is not on the class path; put "
                + GpuLibrary.of(kind).get(0).jar()
                + " into Flink's lib folder (docs/gpu.md)";
    }

    private static String fileName(Device.Kind kind) {
        return "libggml-" + kind.written() + ".so";
    }

    /** Returns llama.cpp's name of a kind. */
    private static String name(Device.Kind kind) {
        return kind == Device.Kind.CUDA ? "CUDA" : "Vulkan";
    }
}
