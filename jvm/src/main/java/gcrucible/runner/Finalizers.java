package gcrucible.runner;

import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An experiment: handles that were opened and let go of, some of them closed, and which of the others a collection
 * reports. What finalizers were is now Cleaner's: it sees only what is unreachable, and never brings it back.
 */
final class Finalizers extends Padded implements Workload {
    private static final int BLOCK_DATA = 1016; // with its id 1 KiB of payload
    private static final Cleaner CLEANER = Cleaner.create();

    private final String kind;
    private final long base; // number of the first block
    private final long opened;
    private final long closed;
    final Block.Cell[] blocks; // what lives
    private long requested;
    private long operations;
    private final AtomicLong reported = new AtomicLong();

    /** Something that must be closed; of a pair each knows the other. */
    private static final class Handle {
        final byte[] data = new byte[BLOCK_DATA];
        Cleaner.Cleanable cleanable;
        Report report;
        Handle other;
        WeakReference<Handle> weak;
    }

    /** What is done when a handle is found dead. It must not know the handle, or that would live for ever. */
    private static final class Report implements Runnable {
        private final AtomicLong reported;
        boolean closed;

        Report(AtomicLong reported) {
            this.reported = reported;
        }

        @Override
        public void run() {
            if (!closed) {
                reported.incrementAndGet();
            }
        }
    }

    Finalizers(Request request, int t) {
        kind = request.word("kind", "alone", "cycle", "broken", "weak", "cleanup");
        base = Random.mix(request.seed) >>> 32;
        opened = request.param("opened", 2, 1 << 20);
        closed = request.param("closed", 0, 1 << 20);
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

    /** Forces a collection and waits for what it reports; the first one has opened handles and let go of them before. */
    @Override
    public long operation() {
        if (operations == 0) {
            open();
        }
        System.gc();
        await();
        long sum = blocks[(int) (operations % blocks.length)].readBack();
        operations++;
        return sum;
    }

    /** Makes handles, closes some of them, and keeps none. */
    private void open() {
        if (kind.equals("alone")) {
            for (long i = 0; i < opened; i++) {
                Handle one = newHandle();
                watch(one);
                if (i < closed) {
                    close(one);
                }
            }
            return;
        }
        for (long i = 0; i < opened / 2; i++) {
            Handle a = newHandle();
            Handle b = newHandle();
            a.other = b;
            b.other = a;
            switch (kind) {
                case "broken" -> b.other = null;
                case "weak" -> {
                    b.other = null;
                    b.weak = new WeakReference<>(a);
                }
                default -> {}
            }
            watch(a);
            watch(b);
        }
    }

    private Handle newHandle() {
        requested += BLOCK_DATA;
        return new Handle();
    }

    /** Has it reported when it is found dead without having been closed. */
    private void watch(Handle one) {
        one.report = new Report(reported);
        one.cleanable = CLEANER.register(one, one.report);
    }

    private static void close(Handle one) {
        one.report.closed = true;
        one.cleanable.clean();
    }

    /** Waits until nothing has been reported for a while. */
    private void await() {
        final long step = 5;
        final int still = 10;
        long last = reported.get();
        for (int calm = 0; calm < still; calm++) {
            try {
                Thread.sleep(step);
            } catch (InterruptedException e) {
                throw new Broken("finalizers: interrupted while waiting for reports");
            }
            long now = reported.get();
            if (now != last) {
                calm = 0;
                last = now;
            }
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

    @Override
    public Value[] values() {
        return new Value[] {new Value("reported", reported.get())};
    }
}
