package io.headrace.inference.llama;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.logits.LogitRow;
import java.nio.file.Path;
import java.util.Optional;

/**
 * llama.cpp's own grammar sampler over one output, used as llama.cpp itself does: the most probable
 * token is taken where the grammar allows it, and only otherwise all tokens are tried against the
 * grammar ({@code common/sampling.cpp}). What the engine's constraints are measured against.
 */
public final class GrammarSampler implements AutoCloseable {

    /** Size of {@code llama_token_data}: id, logit, probability. */
    private static final int CANDIDATE_INTS = 3;

    /** Direct mapping of {@code llama_sampler_*}. */
    static final class SamplerNative {
        private SamplerNative() {}

        static native Pointer llama_sampler_init_grammar(
                Pointer vocabulary, String grammar, String root);

        static native Pointer llama_sampler_clone(Pointer sampler);

        static native void llama_sampler_apply(Pointer sampler, Pointer candidates);

        static native void llama_sampler_accept(Pointer sampler, int token);

        static native void llama_sampler_free(Pointer sampler);
    }

    private final Pointer sampler;
    private final int vocabularySize;
    private final Memory candidates;
    private final Memory array = new Memory(32);
    private final int[] ints;

    private GrammarSampler(Pointer sampler, int vocabularySize) {
        this.sampler = sampler;
        this.vocabularySize = vocabularySize;
        this.ints = new int[CANDIDATE_INTS * vocabularySize];
        this.candidates = new Memory(4L * ints.length);
    }

    /** Parses a grammar in GBNF, with {@code root} as its first rule. */
    public static GrammarSampler parse(Path modelFile, String grammar) {
        NativeLibraries libraries =
                NativeLibraries.locate(Optional.empty(), EngineOptions.nativesCache());
        LlamaBinding binding = LlamaBinding.load(Optional.empty(), EngineOptions.nativesCache());
        Native.register(
                SamplerNative.class, NativeLibrary.getInstance(libraries.llama().toString()));
        // Kept for as long as the process lives: samplers read its vocabulary.
        LlamaModel model = LlamaModel.loadVocabulary(binding, modelFile);
        Pointer sampler =
                SamplerNative.llama_sampler_init_grammar(
                        LlamaNative.llama_model_get_vocab(model.handle()), grammar, "root");
        if (sampler == null) {
            throw new IllegalArgumentException("llama.cpp cannot parse this grammar: " + grammar);
        }
        return new GrammarSampler(sampler, model.vocabulary().size());
    }

    /** Returns a sampler for another output of the same grammar, at its beginning. */
    public GrammarSampler copy() {
        return new GrammarSampler(SamplerNative.llama_sampler_clone(sampler), vocabularySize);
    }

    /** Chooses the most probable token that the grammar allows, and goes on behind it. */
    public int choose(LogitRow row) {
        int best = row.argMax();
        if (!allows(best, row.at(best))) {
            float[] logits = new float[vocabularySize];
            row.copyTo(logits);
            best = bestAllowed(logits);
        }
        return best;
    }

    /** Goes on behind a token; not for one that ends the turn. */
    public void accept(int token) {
        SamplerNative.llama_sampler_accept(sampler, token);
    }

    private boolean allows(int token, float logit) {
        candidates.setInt(0, token);
        candidates.setFloat(4, logit);
        candidates.setFloat(8, 0);
        apply(1);
        return candidates.getFloat(4) != Float.NEGATIVE_INFINITY;
    }

    private int bestAllowed(float[] logits) {
        for (int token = 0; token < vocabularySize; token++) {
            ints[CANDIDATE_INTS * token] = token;
            ints[CANDIDATE_INTS * token + 1] = Float.floatToRawIntBits(logits[token]);
        }
        candidates.write(0, ints, 0, ints.length);
        apply(vocabularySize);
        candidates.read(0, ints, 0, ints.length);
        int best = 0;
        float largest = Float.NEGATIVE_INFINITY;
        for (int place = 0; place < vocabularySize; place++) {
            float logit = Float.intBitsToFloat(ints[CANDIDATE_INTS * place + 1]);
            if (logit > largest) {
                largest = logit;
                best = ints[CANDIDATE_INTS * place];
            }
        }
        return best;
    }

    private void apply(int size) {
        array.setPointer(0, candidates);
        array.setLong(8, size);
        array.setLong(16, -1);
        array.setByte(24, (byte) 0);
        SamplerNative.llama_sampler_apply(sampler, array);
    }

    @Override
    public void close() {
        SamplerNative.llama_sampler_free(sampler);
        candidates.close();
        array.close();
    }
}
