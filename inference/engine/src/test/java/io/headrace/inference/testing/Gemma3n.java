package io.headrace.inference.testing;

/**
 * What Gemma 3n has beside Gemma 3's layers: four hidden states of which one is computed and the
 * others are predicted, inputs of each layer's own, and a narrow path beside attention. Numbers of
 * these are llama.cpp's, which takes them as given.
 */
final class Gemma3n {

    private static final int STATES = 4;
    private static final int LAYER_INPUT = 256;
    private static final int NARROW = 64;

    private Gemma3n() {}

    /** Adds layers that have numbers of heads already. */
    static FamilyWriter add(FamilyWriter model) {
        int width = model.width();
        model.put("embedding_length_per_layer_input", LAYER_INPUT)
                .put("altup.active_idx", 0)
                .put("altup.num_inputs", STATES)
                .put("attention.shared_kv_layers", model.layers() - 20)
                .put("final_logit_softcapping", 30f)
                .transformer();
        model.layerInputs(LAYER_INPUT);
        model.linear("altup_proj", 1, width, width, STATES - 1);
        model.linear("altup_unembd_proj", 1, width, width, STATES - 1);
        for (int layer = 0; layer < model.layers(); layer++) {
            String block = "blk." + layer + ".";
            model.linear(block + "altup_correct_coef", 0.2, STATES, STATES);
            model.vector(block + "altup_correct_scale.weight", width, 0.8, 1.2);
            model.linear(block + "altup_predict_coef", 0.2, STATES, STATES * STATES);
            model.linear(block + "altup_router", width, width, STATES);
            model.norm(layer, "altup_router_norm");
            model.linear(block + "laurel_l", 1, width, NARROW);
            model.linear(block + "laurel_r", 1, NARROW, width);
            model.norm(layer, "laurel_post_norm");
        }
        return model;
    }
}
