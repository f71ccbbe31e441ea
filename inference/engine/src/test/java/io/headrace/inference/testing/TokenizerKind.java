package io.headrace.inference.testing;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** The kinds of tokenizers that users' models have, each with a small vocabulary of its own. */
public enum TokenizerKind {
    /** SentencePiece, which puts a space before a text. */
    LLAMA_2(Spelling.SENTENCE_PIECE, "default", Marks.SENTENCE_PIECE),
    MISTRAL(Spelling.SENTENCE_PIECE, "default", Marks.MISTRAL),
    /** SentencePiece that takes a text as it is. */
    GEMMA(Spelling.SENTENCE_PIECE_AS_IT_IS, "default", Marks.GEMMA),
    /** Pairs of characters, with tokens of bytes to fall back on. */
    GEMMA_4(Spelling.CHARACTER_PAIRS, "gemma4", Marks.GEMMA_4),
    LLAMA_3(Spelling.BYTE_PAIRS, "llama-bpe", Marks.LLAMA_3),
    LLAMA_4(Spelling.BYTE_PAIRS, "llama4", Marks.LLAMA_4),
    TEKKEN(Spelling.BYTE_PAIRS, "tekken", Marks.TEKKEN),
    QWEN_2(Spelling.BYTE_PAIRS, "qwen2", Marks.QWEN),
    QWEN_35(Spelling.BYTE_PAIRS, "qwen35", Marks.QWEN),
    /** Qwen's, in what DeepSeek made of Qwen's models. */
    DEEPSEEK_R1_QWEN(Spelling.BYTE_PAIRS, "deepseek-r1-qwen", Marks.DEEPSEEK),
    DEEPSEEK_LLM(Spelling.BYTE_PAIRS, "deepseek-llm", Marks.DEEPSEEK),
    DEEPSEEK_CODER(Spelling.BYTE_PAIRS, "deepseek-coder", Marks.DEEPSEEK),
    DEEPSEEK_V3(Spelling.BYTE_PAIRS, "deepseek-v3", Marks.DEEPSEEK),
    GPT_2(Spelling.BYTE_PAIRS, "gpt-2", Marks.GPT_2),
    /** What llama.cpp takes where a file names no other. */
    DEFAULT(Spelling.BYTE_PAIRS, "default", Marks.GPT_2);

    /** How tokens are written, and by what a text is put together from them. */
    enum Spelling {
        SENTENCE_PIECE("llama"),
        SENTENCE_PIECE_AS_IT_IS("llama"),
        CHARACTER_PAIRS("gemma4"),
        BYTE_PAIRS("gpt2");

        private final String model;

        Spelling(String model) {
            this.model = model;
        }

        /** Returns the name in GGUF files. */
        String model() {
            return model;
        }
    }

    /**
     * The tokens that stand for no text.
     *
     * @param begin of a text
     * @param end of a text
     * @param endOfTurn empty where llama.cpp finds it by itself
     * @param beginIsAdded whether every prompt begins with the first
     * @param userDefined tokens that are always taken whole, but are no control tokens
     */
    private record Marks(
            String begin,
            String end,
            String endOfTurn,
            boolean beginIsAdded,
            List<String> control,
            List<String> userDefined) {

        private static final Marks SENTENCE_PIECE =
                new Marks("<s>", "</s>", "", true, List.of("<unk>", "<s>", "</s>"), List.of());
        private static final Marks MISTRAL =
                new Marks(
                        "<s>",
                        "</s>",
                        "",
                        true,
                        List.of("<unk>", "<s>", "</s>", "[INST]", "[/INST]"),
                        List.of());
        private static final Marks GEMMA =
                new Marks(
                        "<bos>",
                        "<eos>",
                        "",
                        true,
                        List.of(
                                "<pad>",
                                "<eos>",
                                "<bos>",
                                "<unk>",
                                "<start_of_turn>",
                                "<end_of_turn>"),
                        List.of("\n\n", "  "));
        private static final Marks GEMMA_4 =
                new Marks(
                        "<bos>",
                        "<eos>",
                        "",
                        true,
                        List.of("<pad>", "<eos>", "<bos>", "<unk>", "<|turn>", "<turn|>"),
                        List.of("\n\n", "  ", "<|channel>", "<channel|>", "<|tool_call>", "<td>"));
        private static final Marks LLAMA_3 =
                new Marks(
                        "<|begin_of_text|>",
                        "<|end_of_text|>",
                        "",
                        true,
                        List.of(
                                "<|begin_of_text|>",
                                "<|end_of_text|>",
                                "<|start_header_id|>",
                                "<|end_header_id|>",
                                "<|eot_id|>"),
                        List.of());
        private static final Marks LLAMA_4 =
                new Marks(
                        "<|begin_of_text|>",
                        "<|end_of_text|>",
                        "<|eot|>",
                        true,
                        List.of(
                                "<|begin_of_text|>",
                                "<|end_of_text|>",
                                "<|header_start|>",
                                "<|header_end|>",
                                "<|eot|>"),
                        List.of());
        private static final Marks TEKKEN =
                new Marks(
                        "<s>",
                        "</s>",
                        "",
                        true,
                        List.of(
                                "<unk>",
                                "<s>",
                                "</s>",
                                "[INST]",
                                "[/INST]",
                                "[SYSTEM_PROMPT]",
                                "[/SYSTEM_PROMPT]"),
                        List.of());
        private static final Marks QWEN =
                new Marks(
                        "<|endoftext|>",
                        "<|im_end|>",
                        "",
                        false,
                        List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
                        List.of("<think>", "</think>", "<tool_call>", "</tool_call>"));
        private static final Marks DEEPSEEK =
                new Marks(
                        "<｜begin▁of▁sentence｜>",
                        "<｜end▁of▁sentence｜>",
                        "",
                        true,
                        List.of(
                                "<｜begin▁of▁sentence｜>",
                                "<｜end▁of▁sentence｜>",
                                "<｜User｜>",
                                "<｜Assistant｜>"),
                        List.of());
        private static final Marks GPT_2 =
                new Marks(
                        "<|endoftext|>",
                        "<|endoftext|>",
                        "",
                        false,
                        List.of("<|endoftext|>"),
                        List.of());
    }

    private final Spelling spelling;
    private final String preTokenizer;

    @SuppressWarnings("ImmutableEnumChecker") // a value that nobody changes
    private final Marks marks;

    TokenizerKind(Spelling spelling, String preTokenizer, Marks marks) {
        this.spelling = spelling;
        this.preTokenizer = preTokenizer;
        this.marks = marks;
    }

    Spelling spelling() {
        return spelling;
    }

    /** Returns llama.cpp's name for how text is cut before pairs are merged. */
    String preTokenizer() {
        return preTokenizer;
    }

    /** Returns whether tokens have the letter U+2581 for a space, so that the two are the same. */
    public boolean takesALetterForASpace() {
        return spelling != Spelling.BYTE_PAIRS;
    }

    /** Returns the tokens that steer a model. */
    public List<String> control() {
        return marks.control();
    }

    List<String> userDefined() {
        return marks.userDefined();
    }

    /** Returns the bytes that a token of this kind stands for, by how the kind writes tokens. */
    public byte[] bytes(String token) {
        if (marks.control().contains(token)) {
            return new byte[0];
        } else if (marks.userDefined().contains(token)) {
            return token.getBytes(StandardCharsets.UTF_8);
        } else if (spelling == Spelling.BYTE_PAIRS) {
            return BytePairs.bytes(token);
        } else if (token.matches("<0x[0-9A-F]{2}>")) {
            return new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)};
        }
        return token.replace(TestTokenizer.SPACE, ' ').getBytes(StandardCharsets.UTF_8);
    }

    /** Returns a small Llama model with a vocabulary of this kind and no chat template. */
    public GgufWriter writer(long seed) {
        return new FamilyWriter("llama", seed, Family.WIDTH, 2, this)
                .heads(4, 2, 1)
                .transformer()
                .gguf();
    }

    /** Adds the vocabulary to a model. */
    TestTokenizer write(GgufWriter gguf, int size, long seed) {
        TestTokenizer tokenizer = new TestTokenizer(this, size, seed);
        tokenizer.write(gguf);
        gguf.put("tokenizer.ggml.add_bos_token", marks.beginIsAdded());
        tokenizer.name(gguf, "bos", marks.begin());
        tokenizer.name(gguf, "eos", marks.end());
        if (!marks.endOfTurn().isEmpty()) {
            tokenizer.name(gguf, "eot", marks.endOfTurn());
        }
        return tokenizer;
    }
}
