package gcrucible.runner;

import java.util.Arrays;

/**
 * Shifts the sizes of its objects from epoch to epoch and leaves a few survivors of each behind, scattered over the
 * heap or in stripes: the room between them has the wrong size for what comes next.
 */
final class Fragment extends Padded implements Workload {
    static final int STRIPE = 64; // neighbours that survive together

    private final Random random;
    private final long share;
    private final String shape;
    private final boolean stripes; // survivors are neighbours, not scattered
    private final boolean handoff; // what does not survive is freed by another thread
    private final int keep;
    private final long garbage;
    private final int[] classes; // the smallest size of each; a class reaches up to half more
    private final long leastPayload;
    private final Allocation allocation;
    private int epoch;

    Block[] blocks; // held: as long as the most that the share can hold, filled up to count
    int count;
    private Block passing; // the last block that was garbage from the start
    Parcel leaving; // for another thread to free; handoff only
    Parcel arrived; // from another thread

    private long nextId;
    private long live;
    private long requested;

    /** Makes a block of so many bytes and writes to it. */
    private interface Allocation {
        Block make(long id, int size);
    }

    /** What one thread parts with for another to free: a table, filled up to count, that goes round with it. */
    static final class Parcel {
        final Block[] blocks;
        int count;

        Parcel(int length) {
            blocks = new Block[length];
        }
    }

    Fragment(Request request, int t) {
        boolean bytes = request.word("contents", "bytes", "pointers").equals("bytes");
        int unit = bytes ? 1 : Block.REFERENCE; // a block's size is in whole units
        long base = request.param("size_base", Math.max(2, unit), 1 << 30);
        long limit = request.param("size_limit", base + base / 2, 1 << 30);
        request.asks(); // checked here, done by the harness
        random = Random.split(request.seed, t);
        share = request.share();
        shape = request.word("shape", "growing", "shrinking", "mixed");
        stripes = request.word("layout", "random", "stripes").equals("stripes");
        handoff = request.param("handoff", 0, 1) == 1;
        keep = (int) request.param("keep_permille", 0, 999);
        garbage = request.param("garbage_percent", 0, 10_000);
        leastPayload = 8 + base / unit * unit;
        allocation = bytes ? Block.Cell::new : Block.Knot::new;
        int n = 0;
        int[] sizes = new int[64];
        for (long size = base; size + size / 2 <= limit; size += size / 2) {
            sizes[n++] = (int) size;
        }
        classes = Arrays.copyOf(sizes, n);
        Workload.slots(share / leastPayload + 1); // complains now, not in setup
    }

    /**
     * Fills the share with sizes of the first class. The tables have their full length from the start, so that no epoch
     * pays for their growth.
     */
    @Override
    public void setup() {
        blocks = new Block[Workload.slots(share / leastPayload + 1)];
        if (handoff) {
            leaving = new Parcel(blocks.length);
        }
        refill();
    }

    /** One epoch; what does not survive it has been handed over before, if another thread is to free it. */
    @Override
    public long operation() {
        epoch++;
        if (!handoff) {
            thin(keep);
            refill();
            return readAll();
        }
        long sum = free();
        refill();
        return Random.fold(sum, readAll());
    }

    /** Begins an epoch with handoff: returns what does not survive it, for another thread; null without. */
    @Override
    public Object handOver() {
        if (handoff) {
            thin(keep);
        }
        return leaving;
    }

    /** Takes what another thread handed over, and its table for what will be handed over next. */
    @Override
    public void receive(Object parcel) {
        leaving = null;
        arrived = (Parcel) parcel;
    }

    /** Reads what has arrived back, folds it and lets go of it. */
    private long free() {
        long sum = read(arrived.blocks, arrived.count);
        Arrays.fill(arrived.blocks, 0, arrived.count, null);
        arrived.count = 0;
        leaving = arrived;
        arrived = null;
        return sum;
    }

    /**
     * Parts with all but keep permille of the blocks, scattered at random or in stripes, and closes the ranks of the
     * survivors.
     */
    void thin(int keep) {
        final int turn = 1000 * STRIPE;
        // Of a turn; a block advances it by keep, so that STRIPE neighbours of each turn survive.
        int phase = stripes ? random.below(turn) : 0;
        int kept = 0;
        for (int i = 0; i < count; i++) {
            Block block = blocks[i];
            boolean survives = phase < STRIPE * keep;
            if (stripes) {
                phase = (phase + keep) % turn;
            } else {
                survives = random.below(1000) < keep;
            }
            if (survives) {
                blocks[kept++] = block;
                continue;
            }
            live -= block.payload();
            if (handoff) {
                leaving.blocks[leaving.count++] = block;
            }
        }
        Arrays.fill(blocks, kept, count, null);
        count = kept;
    }

    /** Allocates until the share is reached, and in between garbage percent as many bytes that nobody keeps. */
    void refill() {
        long owed = 0; // garbage, in hundredths of a byte
        while (live < share) {
            Block block = newBlock();
            blocks[count++] = block;
            live += block.payload();
            owed += block.payload() * garbage;
            while (owed > 0) {
                passing = newBlock();
                owed -= 100 * passing.payload();
            }
        }
        passing = null;
    }

    /** Draws a size of the epoch, allocates and writes. */
    private Block newBlock() {
        long id = nextId++;
        int lo = smallest();
        Block block = allocation.make(id, lo + random.below(lo / 2));
        requested += block.requested();
        return block;
    }

    /** The smallest size of the epoch's class. */
    private int smallest() {
        int n = classes.length;
        return switch (shape) {
            case "growing" -> classes[epoch % n];
            case "shrinking" -> classes[n - 1 - epoch % n];
            default -> classes[random.below(n)];
        };
    }

    /** Reads every block held back. */
    private long readAll() {
        return read(blocks, count);
    }

    private static long read(Block[] blocks, int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            Block block = blocks[i];
            sum = Random.fold(sum, block.id() + block.readBack());
        }
        return sum;
    }

    @Override
    public long verify() {
        return readAll();
    }

    @Override
    public long liveBytes() {
        return live;
    }

    @Override
    public long requestedBytes() {
        return requested;
    }

    /** Frees 90 % of the blocks as an epoch would, all on their own thread. */
    @Override
    public void drop() {
        thin(100);
        if (handoff) {
            Arrays.fill(leaving.blocks, 0, leaving.count, null);
            leaving.count = 0;
        }
    }
}
