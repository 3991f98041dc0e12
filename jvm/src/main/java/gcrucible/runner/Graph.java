package gcrucible.runner;

/** A long-lived pointer graph that is walked, rewired and renewed node by node. */
final class Graph extends Padded implements Workload {
    private static final int SLOTS = 4;
    private static final long PAYLOAD = 16 + 2 * SLOTS * 8 + 32;

    private final Random random;
    private final int walkSteps;
    private final int mutations;
    private final int replacements;
    final Node[] table;
    private long nextId;
    private long requested;

    /**
     * The k-th outgoing edge ends in the k-th incoming edge of its target. For each slot every node has exactly one of
     * either, so that a node can be replaced by mending its eight neighbours. Java has no arrays inside objects: the
     * edges and the data are fields, so that a node is one object here too.
     */
    static final class Node {
        final long id;
        final long value;
        private Node out0;
        private Node out1;
        private Node out2;
        private Node out3;
        private Node in0;
        private Node in1;
        private Node in2;
        private Node in3;
        private final long data0;
        private final long data1;
        private final long data2;
        private final long data3;

        Node(long id) {
            this.id = id;
            value = id * Random.GOLDEN;
            data0 = id;
            data1 = id + 1;
            data2 = id + 2;
            data3 = id + 3;
        }

        Node out(int k) {
            return switch (k) {
                case 0 -> out0;
                case 1 -> out1;
                case 2 -> out2;
                default -> out3;
            };
        }

        void out(int k, Node to) {
            switch (k) {
                case 0 -> out0 = to;
                case 1 -> out1 = to;
                case 2 -> out2 = to;
                default -> out3 = to;
            }
        }

        Node in(int k) {
            return switch (k) {
                case 0 -> in0;
                case 1 -> in1;
                case 2 -> in2;
                default -> in3;
            };
        }

        void in(int k, Node from) {
            switch (k) {
                case 0 -> in0 = from;
                case 1 -> in1 = from;
                case 2 -> in2 = from;
                default -> in3 = from;
            }
        }

        long data(int k) {
            return switch (k) {
                case 0 -> data0;
                case 1 -> data1;
                case 2 -> data2;
                default -> data3;
            };
        }
    }

    Graph(Request request, int t) {
        random = Random.split(request.seed, t);
        walkSteps = (int) request.param("walk_steps", 0, 1 << 20);
        mutations = (int) request.param("mutations", 0, 1 << 20);
        replacements = (int) request.param("replacements", 0, 1 << 20);
        table = new Node[Workload.slotsFor(request.share(), PAYLOAD)];
    }

    /**
     * Makes the nodes and joins them along a random permutation per slot: first all edges out of one node after another,
     * then all into it, so that no barrier sees a random place in memory at every store.
     */
    @Override
    public void setup() {
        for (int i = 0; i < table.length; i++) {
            table[i] = newNode();
        }
        int[][] ends = permutations();
        for (int i = 0; i < table.length; i++) {
            for (int k = 0; k < SLOTS; k++) {
                table[i].out(k, table[ends[k][i]]);
            }
        }
        invert(ends);
        for (int i = 0; i < table.length; i++) {
            for (int k = 0; k < SLOTS; k++) {
                table[i].in(k, table[ends[k][i]]);
            }
        }
    }

    @Override
    public long operation() {
        long sum = walk();
        for (int n = 0; n < mutations; n++) {
            mutate();
        }
        for (int n = 0; n < replacements; n++) {
            sum += replace();
        }
        return sum;
    }

    /** Allocates a node without edges. */
    private Node newNode() {
        requested += 16 + 2 * SLOTS * 4 + 32;
        return new Node(nextId++);
    }

    /** A random order of the nodes per slot. */
    private int[][] permutations() {
        int[][] all = new int[SLOTS][];
        int[] order = new int[table.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        for (int k = 0; k < SLOTS; k++) {
            for (int i = order.length - 1; i > 0; i--) {
                int j = random.below(i + 1);
                int swapped = order[i];
                order[i] = order[j];
                order[j] = swapped;
            }
            all[k] = order.clone();
        }
        return all;
    }

    private static void invert(int[][] all) {
        int[] spare = new int[all[0].length];
        for (int k = 0; k < SLOTS; k++) {
            int[] order = all[k];
            for (int i = 0; i < order.length; i++) {
                spare[order[i]] = i;
            }
            all[k] = spare;
            spare = order;
        }
    }

    private static void join(Node from, int k, Node to) {
        from.out(k, to);
        to.in(k, from);
    }

    private int pick() {
        return random.below(table.length);
    }

    /** Follows walkSteps edges from a random node. */
    private long walk() {
        long sum = 0;
        Node at = table[pick()];
        for (int n = 0; n < walkSteps; n++) {
            at = at.out(random.below(SLOTS));
            sum = Random.fold(sum, at.value);
        }
        return sum;
    }

    /** Swaps the targets of slot k of two random nodes (perhaps the same one): four pointer stores. */
    private void mutate() {
        Node a = table[pick()];
        Node b = table[pick()];
        int k = random.below(SLOTS);
        Node x = a.out(k);
        Node y = b.out(k);
        join(a, k, y);
        join(b, k, x);
    }

    /** Puts a new node with the same edges in place of a random one and returns the value of the old. */
    private long replace() {
        int at = pick();
        Node old = table[at];
        Node fresh = newNode();
        for (int k = 0; k < SLOTS; k++) {
            Node to = old.out(k);
            Node from = old.in(k);
            if (to == old) { // then from is old too
                to = fresh;
                from = fresh;
            }
            join(fresh, k, to);
            join(from, k, fresh);
        }
        table[at] = fresh;
        return old.value;
    }

    @Override
    public long verify() {
        long sum = 0;
        for (Node node : table) {
            boolean whole = node.value == node.id * Random.GOLDEN;
            for (int k = 0; k < SLOTS; k++) {
                whole &= node.out(k).in(k) == node && node.in(k).out(k) == node && node.data(k) == node.id + k;
                sum = Random.fold(sum, node.out(k).id);
            }
            if (!whole) {
                throw new Broken("graph: node " + node.id + " or one of its edges is broken");
            }
        }
        return sum;
    }

    @Override
    public long liveBytes() {
        return table.length * PAYLOAD;
    }

    @Override
    public long requestedBytes() {
        return requested;
    }
}
