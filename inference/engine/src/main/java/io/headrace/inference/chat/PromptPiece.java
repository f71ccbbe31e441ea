package io.headrace.inference.chat;

/**
 * A part of a rendered prompt, tokenized by itself.
 *
 * @param text of the part
 * @param isMarkup whether it comes from the template, so that special tokens in it are meant
 */
public record PromptPiece(String text, boolean isMarkup) {

    static PromptPiece markup(String text) {
        return new PromptPiece(text, true);
    }

    static PromptPiece content(String text) {
        return new PromptPiece(text, false);
    }
}
