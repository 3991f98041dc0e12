package gcrucible.runner;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Ever larger blocks asked of the heap as it is: which one can it still serve, and how fast? */
final class Probe {
    /** The first block that is asked for; each is twice the one before it. */
    static final long LEAST = 1 << 20;

    static final long FAILED = -1;

    private static volatile byte[] probed; // the block at hand, published

    /**
     * One block, and how long it took from before it was asked for until it had been touched; FAILED if it was not to be
     * had.
     */
    record Try(long bytes, long ns) {}

    private Probe() {}

    /** Asks for blocks up to so many bytes, or until one cannot be had. */
    static List<Try> probe(long most) {
        List<Try> tries = new ArrayList<>();
        for (long size = LEAST; size <= most; size *= 2) {
            Try one = ask(size);
            tries.add(one);
            if (one.ns == FAILED) {
                break;
            }
        }
        return tries;
    }

    /** Asks for one block, touches it, reads it back and lets go of it. */
    private static Try ask(long size) {
        long asked = Clock.now();
        try {
            probed = new byte[(int) size];
        } catch (OutOfMemoryError e) {
            return new Try(size, FAILED);
        }
        byte[] block = probed;
        Workload.touch(block, size);
        long took = Clock.now() - asked;
        Workload.readBack(block, size, "probe: block");
        probed = null;
        return new Try(size, took);
    }

    /** Writes bytes:ns;bytes:ns;...;bytes:failed. */
    static String encodeProbe(List<Try> tries) {
        return tries.stream()
                .map(t -> t.bytes + ":" + (t.ns == FAILED ? "failed" : String.valueOf(t.ns)))
                .collect(Collectors.joining(";"));
    }
}
