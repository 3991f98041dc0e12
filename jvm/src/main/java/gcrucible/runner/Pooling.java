package gcrucible.runner;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Calls that each need a buffer for a moment: a new one, the thread's own, or one of a list behind a lock. The JVM has
 * no pool that the collector looks after; a ThreadLocal is what people use.
 */
final class Pooling extends Padded implements Workload {
    private static final int BLOCK_DATA = 1016; // with its id 1 KiB of payload

    private final String kind;
    private final long base; // number of the first block
    private final int bufferBytes;
    private final long callsPerOp;
    private final Block.Cell[] blocks; // what lives
    private long nextId;
    private long requested;
    private Buffer last; // published, so that a new one is made

    private record Buffer(byte[] data) {}

    // Of all threads.
    private static final ThreadLocal<Buffer> POOL = new ThreadLocal<>();
    private static final Deque<Buffer> FREE = new ArrayDeque<>();

    Pooling(Request request, int t) {
        kind = request.word("kind", "fresh", "pool", "freelist");
        base = Random.split(request.seed, t).next() >>> 32;
        bufferBytes = (int) request.param("buffer_bytes", 64, 1 << 20);
        callsPerOp = request.param("calls_per_op", 1, 1 << 20);
        blocks = new Block.Cell[Workload.slotsFor(request.share(), 8 + BLOCK_DATA)];
    }

    /** Makes what lives. */
    @Override
    public void setup() {
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = new Block.Cell(base + i, BLOCK_DATA);
            requested += blocks[i].requested();
        }
    }

    /** So many calls: a buffer is had, written to, read back and given back. */
    @Override
    public long operation() {
        long result = 0;
        for (long n = 0; n < callsPerOp; n++) {
            long id = base + nextId;
            nextId++;
            Buffer own = take();
            Workload.touch(own.data, id);
            long sum = Workload.readBack(own.data, id, "pooling: buffer");
            result = Random.fold(result, sum);
            give(own);
        }
        return result;
    }

    /** Has a buffer from where the kind says. */
    private Buffer take() {
        switch (kind) {
            case "pool" -> {
                Buffer own = POOL.get();
                if (own != null && fits(own)) {
                    return own;
                }
            }
            case "freelist" -> {
                Buffer own = pop();
                if (own != null && fits(own)) {
                    return own;
                }
            }
            default -> requested += bufferBytes;
        }
        return new Buffer(new byte[bufferBytes]);
    }

    /** Takes the buffer that was given back last, or null. */
    private static Buffer pop() {
        synchronized (FREE) {
            return FREE.pollLast();
        }
    }

    private boolean fits(Buffer own) {
        return own.data.length == bufferBytes;
    }

    /** Puts it back there; a new one is let go of. */
    private void give(Buffer own) {
        switch (kind) {
            case "pool" -> POOL.set(own);
            case "freelist" -> {
                synchronized (FREE) {
                    FREE.addLast(own);
                }
            }
            default -> last = own;
        }
    }

    @Override
    public long verify() {
        long sum = 0;
        for (Block.Cell b : blocks) {
            sum = Random.fold(sum, b.id() + b.readBack());
        }
        return sum;
    }

    @Override
    public long liveBytes() {
        return blocks.length * (8L + BLOCK_DATA);
    }

    @Override
    public long requestedBytes() {
        return requested;
    }
}
