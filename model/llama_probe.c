/* Answers, with the real llama.cpp, lines on stdin: `T <hex of UTF-8>` the tokens of a plain piece of text,
 * `L <ids>` the logits after the last of these tokens. Built and driven by check_llama.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llama.h"

static void quiet(enum ggml_log_level level, const char *text, void *user) {
    if (level == GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

int main(int argc, char **argv) {
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(argv[2]);
    llama_backend_init();
    struct llama_model *model = llama_model_load_from_file(argv[1], llama_model_default_params());
    if (!model) return 1;
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = 2048;
    params.n_threads = params.n_threads_batch = 1;
    struct llama_context *context = llama_init_from_model(model, params);
    int size = llama_vocab_n_tokens(vocab);
    static char line[1 << 16], text[1 << 15];
    static llama_token tokens[1 << 15];
    printf("V %d eos %d eot %d bos %d add_bos %d template %d\n", size, llama_vocab_eos(vocab), llama_vocab_eot(vocab),
           llama_vocab_bos(vocab), llama_vocab_get_add_bos(vocab), llama_model_chat_template(model, NULL) != NULL);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        int count = 0;
        if (line[0] == 'T') {
            size_t length = 0;
            for (char *c = line + 2; c[0] > ' ' && c[1] > ' '; c += 2) {
                char byte[3] = {c[0], c[1], 0};
                text[length++] = (char) strtol(byte, NULL, 16);
            }
            count = llama_tokenize(vocab, text, length, tokens, 1 << 15, false, false);
            for (int i = 0; i < count; i++) printf("%d ", tokens[i]);
        } else {
            for (char *word = strtok(line + 2, " \n"); word; word = strtok(NULL, " \n")) tokens[count++] = atoi(word);
            llama_memory_clear(llama_get_memory(context), true);
            if (llama_decode(context, llama_batch_get_one(tokens, count))) return 2;
            float *logits = llama_get_logits_ith(context, -1);
            for (int i = 0; i < size; i++) printf("%.4f ", logits[i]);
        }
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
