package io.headrace.inference.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult.Generated;
import io.headrace.inference.ModelInspection;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import io.headrace.inference.testing.Family;
import io.headrace.inference.testing.GgufWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every family that users run, through all of llama.cpp, against a loop without the engine. */
@Timeout(120)
class FamiliesTest {

    private static final long SEED = Long.getLong("headrace.test.seed", 11);

    @TempDir private static Path folder;

    @ParameterizedTest
    @EnumSource
    void everyFamilyGeneratesWhatABareLoopGenerates(Family family) throws Exception {
        Path file = family.write(folder.resolve(family + ".gguf"), SEED);
        new FamilyAssert(file, 0.02f).generatesWhatABareLoopGenerates();
    }

    /** Numbers are llama.cpp's {@code llama_ftype}; the rest is how matrices are stored then. */
    @ParameterizedTest
    @CsvSource({
        "LLAMA_2, F16, 1, F16",
        "QWEN_3, BF16, 32, BF16",
        "GEMMA_3, Q8_0, 7, Q8_0",
        "LLAMA_3, Q6_K, 18, Q6_K",
        "MISTRAL, Q5_K_M, 17, Q5_K Q6_K",
        "LLAMA_3, Q4_K_M, 15, Q4_K Q6_K",
        "MIXTRAL, Q4_K_M, 15, Q4_K Q6_K",
        "LLAMA_3_1, Q4_0, 2, Q4_0 Q6_K",
        "QWEN_2, IQ4_NL, 25, IQ4_NL",
        "GEMMA_2, IQ4_XS, 30, IQ4_XS",
    })
    void everyCommonQuantizationGeneratesWhatABareLoopGenerates(
            Family family, String name, int fileType, String types) throws Exception {
        Path whole = folder.resolve(name + ".f32.gguf");
        family.writer(12, 256).write(whole);
        Path file = Quantization.quantize(whole, folder.resolve(name + ".gguf"), fileType);
        assertThat(ModelInspection.of(file).tensorTypes().keySet()).contains(types.split(" "));
        new FamilyAssert(file, 0.1f).generatesWhatABareLoopGenerates();
    }

    /**
     * What is particular about a family is in the file and llama.cpp computes it: without it the
     * logits behind a long text are others, by more than the tolerance of the comparisons.
     *
     * @param change a number of the metadata, or what all weights of a tensor become
     */
    @ParameterizedTest
    @CsvSource({
        "LLAMA_3_1, rope_freqs.weight, 1",
        "LLAMA_4, expert_used_count, 2",
        "LLAMA_4, blk.1.ffn_down_shexp.weight, 0",
        "MISTRAL_3, rope.scaling.factor, 1.0",
        "MISTRAL_3, attention.temperature_scale, 0.0",
        "MIXTRAL, expert_used_count, 1",
        "QWEN_2, blk.0.attn_k.bias, 0",
        "QWEN_2_MOE, blk.0.ffn_down_shexp.weight, 0",
        "QWEN_2_MOE, blk.0.ffn_gate_inp_shexp.weight, 1",
        "QWEN_3, blk.0.attn_q_norm.weight, 1",
        "DEEPSEEK_V2, blk.1.ffn_down_shexp.weight, 0",
        "DEEPSEEK_V2, rope.scaling.factor, 1.0",
        "DEEPSEEK_V3, blk.2.ffn_down_shexp.weight, 0",
        "DEEPSEEK_V3, expert_weights_scale, 1.0",
        "DEEPSEEK_V3, blk.0.attn_k_b.weight, 0",
        "GEMMA_2, attention.sliding_window, 4096",
        "GEMMA_2, final_logit_softcapping, 3.0",
        "GEMMA_2, attn_logit_softcapping, 0.5",
        "GEMMA_3, attention.sliding_window, 4096",
        "GEMMA_3, rope.freq_base_swa, 1000000.0",
        "GEMMA_3, blk.0.post_ffw_norm.weight, 0.1",
        "MISTRAL_4, attention.temperature_scale, 0.0",
        "QWEN_2_VL, blk.0.attn_k.bias, 0",
        "QWEN_3_VL, blk.0.attn_q_norm.weight, 1",
        "DEEPSEEK_V3_2, attention.indexer.top_k, 16",
        "GEMMA_3N, attention.sliding_window, 4096",
        "GEMMA_3N, blk.0.laurel_post_norm.weight, 0",
        "GEMMA_3N, blk.0.altup_predict_coef.weight, 0",
        "GEMMA_3N, per_layer_token_embd.weight, 0",
        "GEMMA_4_SMALL, attention.sliding_window, 4096",
        "GEMMA_4_SMALL, rope_freqs.weight, 1",
        "GEMMA_4_SMALL, per_layer_token_embd.weight, 0",
        "GEMMA_4_SMALL, blk.4.attn_q.weight, 0",
        "GEMMA_4_MOE, expert_used_count, 1",
        "GEMMA_4_MOE, blk.0.ffn_down_exps.scale, 0",
    })
    void whatIsParticularAboutAFamilyIsComputed(Family family, String change, String value)
            throws Exception {
        Path usual = family.write(folder.resolve("usual.gguf"), SEED);
        GgufWriter other = family.writer(SEED, Family.WIDTH);
        if (change.contains("blk.") || change.endsWith(".weight")) {
            other.fill(change, Float.parseFloat(value));
        } else {
            String key = other.get("general.architecture") + "." + change;
            if (value.contains(".")) {
                other.put(key, Float.parseFloat(value));
            } else {
                other.put(key, Integer.parseInt(value));
            }
        }
        Path changed = folder.resolve("changed.gguf");
        other.write(changed);
        // More than what the comparison with a bare loop lets pass.
        assertThat(FamilyAssert.difference(usual, changed)).isGreaterThan(0.02f);
    }

    @Test
    void aSplitModelIsTheModel() throws Exception {
        Path whole = Family.QWEN_2.write(folder.resolve("whole.gguf"), 13);
        GgufWriter same = Family.QWEN_2.writer(13, Family.WIDTH);
        Path first = same.writeSplit(folder, "split", 3);
        assertThat(generate(first)).isEqualTo(generate(whole)).isNotEmpty();
        new FamilyAssert(first, 0.02f).generatesWhatABareLoopGenerates();
    }

    /** Llama 4 attends to chunks of 8192 tokens on three of four layers. */
    @Test
    void attentionInChunksIsTheBareLoopsBehindTheFirstChunkToo() throws Exception {
        Path file = Family.LLAMA_4.write(folder.resolve("chunks.gguf"), 11);
        new FamilyAssert(file, 0.02f).continuesALongText(8192);
    }

    private static String generate(Path file) throws Exception {
        try (InferenceEngine engine = Engines.open(EngineOptions.of(file).withContextTokens(256))) {
            return generate(engine, new Prompt("go on", List.of("where is my card")), 32);
        }
    }

    private static String generate(InferenceEngine engine, Prompt prompt, int tokens)
            throws Exception {
        Output output = new Output.Text(tokens, List.of(), Sampling.GREEDY);
        return ((Generated)
                        engine.submit(new InferenceRequest(prompt, output))
                                .toCompletableFuture()
                                .get())
                .text();
    }
}
