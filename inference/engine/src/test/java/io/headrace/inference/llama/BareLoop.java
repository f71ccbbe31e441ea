package io.headrace.inference.llama;

/** Decoding as llama.cpp's own examples do it: one sequence, a token at a time. */
final class BareLoop implements AutoCloseable {

    private final LlamaModel model;
    private final LlamaContext context;
    private final LlamaBatch batch;
    private int position;

    BareLoop(LlamaModel model, int cells, int rows) {
        this.model = model;
        this.context = new LlamaContext(model, new LlamaContext.Size(cells, rows, 1, 1));
        this.batch = new LlamaBatch(rows);
    }

    /** Computes tokens behind those before and returns the logits of the last one. */
    float[] append(int... tokens) {
        for (int from = 0; from < tokens.length; ) {
            batch.clear();
            while (from < tokens.length && batch.rows() < batch.capacity()) {
                batch.add(tokens[from], position++, 0, from == tokens.length - 1);
                from++;
            }
            int code = context.decode(batch);
            if (code != 0) {
                throw new IllegalStateException("llama.cpp returned " + code);
            }
        }
        float[] logits = new float[model.vocabulary().size()];
        context.logits(0).copyTo(logits);
        return logits;
    }

    LlamaContext context() {
        return context;
    }

    static int argmax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    @Override
    public void close() {
        context.close();
        batch.close();
    }
}
