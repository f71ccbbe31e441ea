package io.headrace.operators.task;

/** Counts a token for each word, and ten for the instructions. */
record TestBudget(int contextTokens) implements PromptBudget {

    static final TestBudget WIDE = new TestBudget(1_000_000);

    private static final int INSTRUCTIONS = 10;

    static int words(String text) {
        return text.isBlank() ? 0 : text.strip().split("\\s+").length;
    }

    @Override
    public int promptTokens(Question question) {
        return INSTRUCTIONS + words(question.text());
    }
}
