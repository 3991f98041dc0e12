package gcrucible.runner;

import java.util.Arrays;

/**
 * Shifts the sizes of its objects from epoch to epoch and leaves a few survivors of each behind, scattered over the
 * heap: the room between them has the wrong size for what comes next.
 */
final class Fragment extends Padded implements Workload {
    private final Random random;
    private final long share;
    private final String shape;
    private final int keep;
    private final long garbage;
    private final int[] classes; // the smallest size of each; a class reaches up to half more
    private int epoch;

    Cell[] blocks; // held: as long as the most that the share can hold, filled up to count
    int count;
    private Cell passing; // the last block that was garbage from the start

    private long nextId;
    private long live;
    private long requested;

    static final class Cell {
        final long id;
        final byte[] data;

        Cell(long id, byte[] data) {
            this.id = id;
            this.data = data;
        }

        long payload() {
            return 8 + data.length;
        }
    }

    Fragment(Request request, int t) {
        long base = request.param("size_base", 2, 1 << 30);
        long limit = request.param("size_limit", base + base / 2, 1 << 30);
        random = Random.split(request.seed, t);
        share = request.share();
        shape = request.word("shape", "growing", "shrinking", "mixed");
        keep = (int) request.param("keep_permille", 0, 999);
        garbage = request.param("garbage_percent", 0, 10_000);
        int n = 0;
        int[] sizes = new int[64];
        for (long size = base; size + size / 2 <= limit; size += size / 2) {
            sizes[n++] = (int) size;
        }
        classes = Arrays.copyOf(sizes, n);
        Workload.slots(share / (8 + base) + 1); // complains now, not in setup
    }

    /**
     * Fills the share with sizes of the first class. The table of blocks has its full length from the start, so that no
     * epoch pays for its growth.
     */
    @Override
    public void setup() {
        blocks = new Cell[Workload.slots(share / (8 + classes[0]) + 1)];
        refill();
    }

    /** One epoch. */
    @Override
    public long operation() {
        epoch++;
        thin(keep);
        refill();
        return readAll();
    }

    /** Frees all but a random keep permille of the blocks and closes the ranks of the survivors. */
    void thin(int keep) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            Cell block = blocks[i];
            if (random.below(1000) < keep) {
                blocks[kept++] = block;
            } else {
                live -= block.payload();
            }
        }
        Arrays.fill(blocks, kept, count, null);
        count = kept;
    }

    /** Allocates until the share is reached, and in between garbage percent as many bytes that nobody keeps. */
    void refill() {
        long owed = 0; // garbage, in hundredths of a byte
        while (live < share) {
            Cell block = newCell();
            blocks[count++] = block;
            live += block.payload();
            owed += block.payload() * garbage;
            while (owed > 0) {
                passing = newCell();
                owed -= 100 * passing.payload();
            }
        }
        passing = null;
    }

    /** Draws a size of the epoch, allocates and touches. */
    private Cell newCell() {
        long id = nextId++;
        int lo = smallest();
        int size = lo + random.below(lo / 2);
        Cell block = new Cell(id, new byte[size]);
        Workload.touch(block.data, id);
        requested += block.payload();
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

    /** Reads every block back. */
    private long readAll() {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            Cell block = blocks[i];
            sum = Random.fold(sum, block.id + Workload.readBack(block.data, block.id, "fragment: block"));
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

    /** Frees 90 % of the blocks at random. */
    @Override
    public void drop() {
        thin(100);
    }
}
