package io.headrace.inference.runtime;

/** One numbered sequence of the KV cache and where its tokens end in the {@link KvTree}. */
final class KvSequence {

    private final int number;
    KvTree.Node tip;

    KvSequence(int number, KvTree.Node tip) {
        this.number = number;
        this.tip = tip;
    }

    /** Returns the number by which the model runner knows it. */
    int number() {
        return number;
    }

    /** Returns the number of tokens that it holds. */
    int length() {
        return tip.end();
    }
}
