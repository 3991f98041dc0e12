package gcrucible.runner;

/** Builds binary trees bottom up, walks them and keeps a few in a forest. */
final class Trees extends Padded implements Workload {
    private final Random random;
    private final int depth;
    private final int retain;

    final Tree[] forest;
    private Tree last; // the tree of the last operation that retained nothing
    private long nextId;
    private long walked; // nodes counted by walk, which can return one number only

    private long requested;

    static final class Tree {
        final Tree left;
        final Tree right;
        final long value;

        Tree(Tree left, Tree right, long value) {
            this.left = left;
            this.right = right;
            this.value = value;
        }
    }

    Trees(Request request, int t) {
        random = Random.split(request.seed, t);
        depth = (int) request.param("depth", 1, 24);
        retain = (int) request.param("retain_permille", 0, 1000);
        // One tree of the share is the one in last.
        forest = new Tree[Math.max(1, Workload.slotsFor(request.share(), nodes() * 24) - 1)];
    }

    private long nodes() {
        return (2L << depth) - 1;
    }

    @Override
    public void setup() {
        for (int i = 0; i < forest.length; i++) {
            forest[i] = newTree();
        }
        last = newTree();
    }

    @Override
    public long operation() {
        Tree fresh = newTree();
        walked = 0;
        long sum = walk(fresh);
        if (walked != nodes()) {
            throw new Broken("trees: a new tree has " + walked + " nodes");
        }
        // A retained tree goes to the forest only: without a collector it has one owner.
        if (random.below(1000) < retain) {
            int at = random.below(forest.length);
            sum += forest[at].value;
            forest[at] = fresh;
        } else {
            last = fresh;
        }
        return sum;
    }

    private Tree newTree() {
        requested += nodes() * (8 + 2 * 4);
        return build(depth);
    }

    /** Makes the children before their parent; values count up in the order of allocation. */
    private Tree build(int depth) {
        Tree left = null;
        Tree right = null;
        if (depth > 0) {
            left = build(depth - 1);
            right = build(depth - 1);
        }
        return new Tree(left, right, ++nextId);
    }

    /** Folds the nodes' values and counts the nodes in walked. */
    private long walk(Tree tree) {
        walked++;
        if (tree.left == null) {
            return tree.value;
        }
        return tree.value + 31 * walk(tree.left) + 37 * walk(tree.right);
    }

    @Override
    public long verify() {
        long total = 0;
        for (int i = 0; i < forest.length; i++) {
            walked = 0;
            long sum = walk(forest[i]);
            if (walked != nodes()) {
                throw new Broken("trees: tree " + i + " has " + walked + " nodes");
            }
            total = Random.fold(total, sum);
        }
        return Random.fold(total, walk(last));
    }

    @Override
    public long liveBytes() {
        return (forest.length + 1) * nodes() * 24;
    }

    @Override
    public long requestedBytes() {
        return requested;
    }
}
