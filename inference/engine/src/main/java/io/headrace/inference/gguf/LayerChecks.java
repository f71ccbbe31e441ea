package io.headrace.inference.gguf;

import static io.headrace.inference.gguf.ModelNumbers.require;

import java.util.List;
import java.util.Set;

/**
 * Checks what may differ from layer to layer: windows and the widths of heads in them, keys that
 * later layers take from earlier ones, positions in sections, and indexes of what to attend to.
 */
final class LayerChecks {

    /** Architectures of which llama.cpp takes it that some layer has a window. */
    private static final Set<String> WITH_WINDOWS =
            Set.of("gemma2", "gemma3", "gemma3n", "gemma4", "gpt-oss");

    /** Architectures whose last layers take the keys of the last ones before them. */
    private static final Set<String> WITH_SHARED_KEYS = Set.of("gemma3n", "gemma4");

    /** llama.cpp turns the keys of an index by a matrix of such a width and its doubles. */
    private static final long LEAST_INDEX = 64;

    private final ModelNumbers numbers;
    private final String architecture;
    private final LayerPlan plan;
    private final int layers;

    LayerChecks(ModelNumbers numbers, String architecture) {
        this.numbers = numbers;
        this.architecture = architecture;
        this.plan = new LayerPlan(numbers, architecture);
        this.layers = (int) numbers.integer("block_count", 1);
    }

    void check() throws GgufInput.DamagedException {
        checkWindows();
        checkSharedKeys();
        checkSections();
        checkIndex();
        numbers.range("n_deepstack_layers", 0, layers - 1);
        numbers.range("embedding_length_per_layer_input", 0, 1 << 16);
        if (architecture.equals("qwen2vl")) {
            long heads = numbers.ofLayer("attention.head_count", 0, 1);
            long width = numbers.integer("embedding_length", 1);
            require(
                    heads * numbers.integer("attention.key_length", width / heads) == width,
                    "its heads are not as wide together as its hidden state");
        }
    }

    private void checkWindows() throws GgufInput.DamagedException {
        String pattern = "attention.sliding_window_pattern";
        numbers.range("attention.sliding_window", 0, Integer.MAX_VALUE);
        numbers.rangeOrArray(pattern, 0, 512);
        if (WITH_WINDOWS.contains(architecture) && numbers.has(pattern)) {
            List<Long> each = numbers.array(pattern);
            boolean some =
                    each.isEmpty()
                            ? numbers.integer(pattern, 1) != 1
                            : each.subList(0, layers).contains(1L);
            require(some, "no layer has a window by " + numbers.key(pattern));
        }
        numbers.range("attention.key_length_swa", 1, 1 << 14);
        numbers.range("attention.value_length_swa", 1, 1 << 14);
        if (WITH_WINDOWS.contains(architecture)) {
            checkHeads("", plan.usualWidth());
            checkHeads("_swa", numbers.integer("attention.key_length", plan.usualWidth()));
        }
    }

    /** Checks the heads of layers of one kind, by the ending that their numbers have. */
    private void checkHeads(String ending, long usual) throws GgufInput.DamagedException {
        long keys = numbers.integer("attention.key_length" + ending, usual);
        long values = numbers.integer("attention.value_length" + ending, usual);
        long rotary =
                numbers.integer(
                        "rope.dimension_count" + ending,
                        numbers.integer("rope.dimension_count", keys));
        require(
                keys == values && rotary > 0 && rotary <= keys && rotary % 2 == 0,
                "its heads have keys of "
                        + keys
                        + ", values of "
                        + values
                        + " and positions of "
                        + rotary
                        + " numbers");
    }

    private void checkSharedKeys() throws GgufInput.DamagedException {
        numbers.range("attention.shared_kv_layers", 0, layers);
        if (!WITH_SHARED_KEYS.contains(architecture)) {
            return;
        }
        int own = plan.withKeys();
        require(own >= 2, "of its " + layers + " layers only " + own + " have keys of their own");
        boolean shared = own < layers;
        require(
                !shared || (plan.hasWindow(own - 2) && !plan.hasWindow(own - 1)),
                "its layers from "
                        + own
                        + " on cannot take the keys of the two before, of which the first should"
                        + " have a window and the second none");
    }

    private void checkSections() throws GgufInput.DamagedException {
        String name = "rope.dimension_sections";
        if (!numbers.has(name)) {
            return;
        }
        numbers.range(name, 1, 1 << 14);
        List<Long> sections = numbers.array(name);
        require(
                sections.isEmpty()
                        || (sections.size() <= 4
                                && sections.stream().allMatch(n -> n >= 0 && n <= 1 << 14)
                                && sections.stream().limit(3).anyMatch(n -> n > 0)),
                numbers.key(name) + " is " + sections);
    }

    private void checkIndex() throws GgufInput.DamagedException {
        numbers.range("attention.indexer.head_count", 1, 1 << 12);
        numbers.range("attention.indexer.key_length", 1, 1 << 14);
        numbers.range("attention.indexer.top_k", 1, 1 << 20);
        if (architecture.equals("deepseek32")) {
            long width = numbers.integer("attention.indexer.key_length", LEAST_INDEX);
            require(
                    width >= LEAST_INDEX
                            && Long.bitCount(width) == 1
                            && width >= numbers.integer("rope.dimension_count", 0),
                    "the keys of its index have " + width + " numbers");
        }
    }
}
