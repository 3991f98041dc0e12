package gcrucible.runner;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Histograms of whole nanoseconds up to one hour, three digits. About 270 KiB each. */
final class Recorder {
    private static final long SHORTEST = 1;
    private static final long LONGEST = 3_600_000_000_000L;
    private static final int DIGITS = 3;

    private Recorder() {}

    static Histogram newHistogram() {
        return new Histogram(SHORTEST, LONGEST, DIGITS);
    }

    /**
     * Records one duration. It never allocates: values out of range, for which the library would make an exception, are
     * recorded as the bound they passed.
     */
    static void record(Histogram histogram, long ns) {
        histogram.recordValue(Math.min(Math.max(ns, SHORTEST), LONGEST));
    }

    /**
     * Counts an operation that began when the one before it ended, at last, and returns when it ended: one clock read an
     * operation.
     */
    static long recordClosed(Histogram service, long last) {
        long done = Clock.now();
        record(service, done - last);
        return done;
    }

    /**
     * Counts an operation that was intended for one time and started at another, notes it if it is a slow one, and returns
     * when it ended. Its start is the end of the one before it, or the clock read that ended the wait for it: one more
     * read at most.
     */
    static long recordOpen(Histogram response, Histogram service, Slowest slow, long intended, long start) {
        long done = Clock.now();
        record(response, done - intended);
        slow.note(intended, done - intended);
        record(service, done - start);
        return done;
    }

    /** Adds up the threads' histograms. */
    static Histogram merge(List<Histogram> parts) {
        Histogram whole = newHistogram();
        for (Histogram part : parts) {
            whole.add(part);
        }
        return whole;
    }

    /** Returns the HdrHistogram V2 compressed encoding in base64. */
    static String encode(Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }
}
