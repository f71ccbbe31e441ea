package io.headrace.inference.gguf;

import io.headrace.inference.gguf.GgufFile.ArrayValue;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Checks a model's vocabulary: llama.cpp ends the process for a token that is there twice, and when
 * it meets a byte that a SentencePiece vocabulary has no token for.
 */
final class TokenChecks {

    private static final Set<String> KINDS = Set.of("llama", "gpt2", "gemma4");
    private static final long BYTE = 6;
    private static final Pattern BYTE_TOKEN = Pattern.compile("<0x[0-9A-F]{2}>");

    private final GgufFile file;

    TokenChecks(GgufFile file) {
        this.file = file;
    }

    void check() throws GgufInput.DamagedException {
        String kind = file.text("tokenizer.ggml.model").orElse("missing");
        require(
                KINDS.contains(kind),
                "its tokenizer is of the kind " + kind + ", and only " + KINDS + " are supported");
        List<String> tokens =
                file.array("tokenizer.ggml.tokens").map(ArrayValue::texts).orElse(List.of());
        require(!tokens.isEmpty(), "it has no tokens");
        Set<String> distinct = new HashSet<>();
        for (int i = 0; i < tokens.size(); i++) {
            String token = asReadByC(tokens.get(i), i);
            require(distinct.add(token), "the token '" + token + "' is there twice");
        }
        if (kind.equals("llama")) {
            checkBytes(distinct);
        }
        checkTypes(tokens);
    }

    /** llama.cpp takes a token up to a null character, and gives an empty one a name. */
    private static String asReadByC(String token, int place) {
        int end = token.indexOf(0);
        String text = end < 0 ? token : token.substring(0, end);
        return text.isEmpty() ? "[EMPTY_" + place + "]" : text;
    }

    private static void checkBytes(Set<String> tokens) throws GgufInput.DamagedException {
        for (int value = 0; value < 256; value++) {
            String token = "<0x%02X>".formatted(value);
            require(tokens.contains(token), "its vocabulary has no token " + token);
        }
    }

    private void checkTypes(List<String> tokens) throws GgufInput.DamagedException {
        ArrayValue types = file.array("tokenizer.ggml.token_type").orElse(null);
        if (types == null) {
            return;
        }
        require(
                types.elementType() == 5 && types.length() >= tokens.size(),
                "it has " + types.length() + " types for " + tokens.size() + " tokens");
        for (int i = 0; i < tokens.size(); i++) {
            require(
                    types.numbers().get(i) != BYTE || BYTE_TOKEN.matcher(tokens.get(i)).matches(),
                    "the token '" + tokens.get(i) + "' is said to be a byte");
        }
    }

    private static void require(boolean condition, String otherwise)
            throws GgufInput.DamagedException {
        if (!condition) {
            throw new GgufInput.DamagedException(otherwise + ".");
        }
    }
}
