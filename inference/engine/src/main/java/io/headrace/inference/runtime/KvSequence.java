package io.headrace.inference.runtime;

/** One numbered sequence of the KV cache and where its tokens end in the {@link KvTree}. */
final class KvSequence {

    private final KvTree tree;
    private final int number;
    KvTree.Node tip;

    KvSequence(KvTree tree, int number, KvTree.Node tip) {
        this.tree = tree;
        this.number = number;
        this.tip = tip;
    }

    /** Returns the tree of its adapter. */
    KvTree tree() {
        return tree;
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
