package gcrucible.runner;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes young garbage, a fraction of which survives into a long-lived table. The survivors of one operation are spread
 * among the dead, as in a server that keeps a little of each request.
 */
final class Churn extends Padded implements Workload {
    private final Random random;
    private final Sizes sizes;
    private final long share;
    private final int pointers;
    final int blocksPerOp;
    private final int survival;
    private final boolean oldest;

    final Block[] ring; // the young: round robin
    private int ringNext;
    Block[] table; // the long-lived
    private int tableNext;

    private long nextId;
    private long live;
    private long requested;

    static final class Leaf {
        final long a;
        final long b;

        Leaf(long a, long b) {
            this.a = a;
            this.b = b;
        }
    }

    /** A block, its array of leaves, each leaf and the data are objects of their own. */
    static final class Block {
        final long id;
        final Leaf[] leaves;
        final byte[] data;

        Block(long id, Leaf[] leaves, byte[] data) {
            this.id = id;
            this.leaves = leaves;
            this.data = data;
        }
    }

    Churn(Request request, int t) {
        long min = request.param("size_min", 1, 1 << 30);
        long max = request.param("size_max", min, 1 << 30);
        random = Random.split(request.seed, t);
        sizes = new Sizes(min, max);
        share = request.share();
        pointers = (int) request.param("pointers", 0, 1 << 16);
        blocksPerOp = (int) request.param("blocks_per_op", 1, 1 << 20);
        ring = new Block[(int) request.param("young_slots", 1, 1 << 24)];
        survival = (int) request.param("survival_permille", 0, 1000);
        oldest = request.word("lifetime", "oldest", "random").equals("oldest");
    }

    /** Fills the ring, then the table until both together reach the share (the table gets one block at least). */
    @Override
    public void setup() {
        for (int i = 0; i < ring.length; i++) {
            ring[i] = newBlock();
            live += payload(ring[i]);
        }
        List<Block> blocks = new ArrayList<>();
        while (blocks.isEmpty() || live < share) {
            Block fresh = newBlock();
            live += payload(fresh);
            blocks.add(fresh);
        }
        table = blocks.toArray(new Block[0]);
    }

    @Override
    public long operation() {
        long result = 0;
        for (int n = 0; n < blocksPerOp; n++) {
            Block fresh = newBlock();
            Block old;
            // A survivor goes to the table only: without a collector a block has one owner.
            if (random.below(1000) < survival) {
                int at = victim();
                old = table[at];
                table[at] = fresh;
            } else {
                int at = ringNext;
                if (++ringNext == ring.length) {
                    ringNext = 0;
                }
                old = ring[at];
                ring[at] = fresh;
            }
            live += payload(fresh) - payload(old);
            result = Random.fold(result, peek(old));
        }
        return result;
    }

    /** Draws a size, allocates and touches. */
    private Block newBlock() {
        long id = nextId++;
        int size = sizes.draw(random);
        Block fresh = new Block(id, new Leaf[pointers], new byte[size]);
        for (int i = 0; i < pointers; i++) {
            fresh.leaves[i] = new Leaf(id, i);
        }
        Workload.touch(fresh.data, id);
        requested += 8 + size + pointers * (16L + 4);
        return fresh;
    }

    private long payload(Block block) {
        return 8 + block.data.length + pointers * (16L + 8);
    }

    /** Chooses the table's slot that a survivor takes. */
    private int victim() {
        if (!oldest) {
            return random.below(table.length);
        }
        int at = tableNext;
        if (++tableNext == table.length) {
            tableNext = 0;
        }
        return at;
    }

    /** Reads one leaf and one byte of a block that is about to die. */
    private static long peek(Block block) {
        long result = block.data[block.data.length - 1] & 0xFF;
        int n = block.leaves.length;
        if (n > 0) {
            Leaf one = block.leaves[(int) (block.id % n)];
            result += one.a + one.b;
        }
        return result;
    }

    @Override
    public long verify() {
        return verify(table, verify(ring, 0));
    }

    private static long verify(Block[] held, long sum) {
        for (Block block : held) {
            long bytes = Workload.readBack(block.data, block.id, "churn: block");
            for (int i = 0; i < block.leaves.length; i++) {
                Leaf leaf = block.leaves[i];
                if (leaf.a != block.id || leaf.b != i) {
                    throw new Broken("churn: block " + block.id + " does not read back");
                }
            }
            sum = Random.fold(sum, block.id + bytes);
        }
        return sum;
    }

    @Override
    public long liveBytes() {
        return live;
    }

    @Override
    public long requestedBytes() {
        return requested;
    }
}
