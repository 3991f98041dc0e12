package gcrucible.runner;

/**
 * An experiment: references and then numbers are written over in random places of what lives, and timed apart, while
 * nothing collects or while one forced collection follows the other. The traffic is the same, so that what a reference
 * costs more is the barrier.
 */
final class Stores extends Padded implements Workload {
    private static final long PAYLOAD = 16 + 2 * Block.REFERENCE;
    private static final long ASKED = 16 + 2 * Block.REFERENCE / 2;

    private final Random random;
    private final long base; // number of the first node
    private final boolean marking; // collections are forced throughout the window
    private final int storesPerOp;
    private final long warmupOps;
    private final long ops; // of the window
    final Node[] table;
    private long requested;
    private long operations;
    private long pointerNs; // of the window's stretches
    private long numberNs;
    private volatile boolean stopped;
    private Thread collecting; // forces collections; null while there is none

    /** What is written to: a number and a reference that change, and beside them what must not. */
    static final class Node {
        final long id;
        long number;
        Node to;
        Node beside;

        Node(long id) {
            this.id = id;
        }
    }

    Stores(Request request, int t) {
        random = Random.split(request.seed, t);
        base = Random.mix(request.seed) >>> 32;
        marking = request.word("collecting", "idle", "marking").equals("marking");
        storesPerOp = (int) request.param("stores_per_op", 64, 1 << 20);
        warmupOps = request.warmupOps;
        ops = request.ops;
        table = new Node[Workload.slotsFor(request.share(), PAYLOAD)];
    }

    /** Makes the nodes, each of which refers to its neighbour, and has them grow old where a collector knows ages. */
    @Override
    public void setup() {
        for (int i = 0; i < table.length; i++) {
            table[i] = new Node(base + i);
            requested += ASKED;
        }
        for (int i = 0; i < table.length; i++) {
            table[i].beside = table[(i + 1) % table.length];
            table[i].to = table[i].beside;
        }
        Counters.settledHeap();
    }

    /** A stretch of references and one of numbers, each timed as a whole. */
    @Override
    public long operation() {
        if (operations == warmupOps) {
            begin();
        }
        long start = Clock.now();
        long node = storePointers();
        long between = Clock.now();
        long number = storeNumbers();
        long end = Clock.now();
        pointerNs += between - start;
        numberNs += end - between;
        operations++;
        if (operations == warmupOps + ops) {
            finish();
        }
        return Random.fold(node, number);
    }

    /** Starts what belongs to the window alone: the sums and the collections. */
    private void begin() {
        pointerNs = 0;
        numberNs = 0;
        if (!marking) {
            return;
        }
        collecting = new Thread(this::collect, "collecting");
        collecting.setDaemon(true);
        collecting.start();
    }

    private void collect() {
        do {
            System.gc();
        } while (!stopped);
    }

    /**
     * Writes over the reference of one random node after the other; each comes to refer to the one before it. Each is read,
     * too: a store to what nobody has read need not wait for its line, and a barrier may have to read that line.
     */
    private long storePointers() {
        long sum = 0;
        Node last = table[0];
        for (int n = 0; n < storesPerOp; n++) {
            Node at = table[random.below(table.length)];
            sum += at.id;
            at.to = last;
            last = at;
        }
        return sum;
    }

    /** Does the same with the nodes' places in the table. */
    private long storeNumbers() {
        long sum = 0;
        long last = 0;
        for (int n = 0; n < storesPerOp; n++) {
            int i = random.below(table.length);
            Node at = table[i];
            sum += at.id;
            at.number = last;
            last = i;
        }
        return sum;
    }

    /** Ends what begin started, at the end of the window; nothing is left to do where that was done. */
    private void finish() {
        if (collecting == null) {
            return;
        }
        stopped = true;
        try {
            collecting.join();
        } catch (InterruptedException e) {
            throw new Broken("stores: interrupted while waiting for the last collection");
        }
        collecting = null;
    }

    @Override
    public long verify() {
        finish(); // of a window that was cut short
        long sum = 0;
        int n = table.length;
        for (int i = 0; i < n; i++) {
            Node at = table[i];
            long to = at.to.id - base;
            boolean whole = at.id == base + i && at.beside == table[(i + 1) % n];
            whole &= to >= 0 && to < n && at.number >= 0 && at.number < n;
            if (!whole || table[(int) to] != at.to) {
                throw new Broken("stores: node " + (base + i) + " or what is stored in it is broken");
            }
            sum = Random.fold(Random.fold(sum, at.to.id), at.number);
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

    @Override
    public Value[] values() {
        double stored = (double) ops * storesPerOp;
        double pointer = pointerNs / stored;
        double number = numberNs / stored;
        return new Value[] {
            new Value("pointer_store_ns", pointer),
            new Value("number_store_ns", number),
            new Value("barrier_ns", pointer - number),
            new Value("store_ratio", pointer / number),
            new Value("barrier_share", Double.NaN), // the JVM has no profile of its own that sees barriers
            new Value("profile_samples", Double.NaN),
        };
    }
}
