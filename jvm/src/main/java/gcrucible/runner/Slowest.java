package gcrucible.runner;

import java.util.List;

/**
 * When the slowest requests of an open loop were due, so that a report can point at the pause behind them. The window is cut
 * into slices of a power of two ns; each keeps the longest response time among the requests intended in it.
 */
final class Slowest extends Padded {
    /** The width of the highest slice's number: the window has between 512 and 1024 slices. */
    private static final int SLICE_BITS = 10;

    long begin; // of the window, CLOCK_MONOTONIC
    final int shift; // a slice is 1 << shift ns
    private int slice; // the present one
    private long until; // its end, CLOCK_MONOTONIC
    private long most; // its longest
    private final long[] longest;
    private final long[] intended; // that request's, CLOCK_MONOTONIC; 0 where the slice has none

    private Slowest(int shift, int slices) {
        this.shift = shift;
        longest = new long[slices];
        intended = new long[slices];
    }

    /** Has room for a window whose last request is intended that many ns after its begin. */
    static Slowest newSlowest(long last) {
        int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(last) - SLICE_BITS);
        return new Slowest(shift, (int) (last >> shift) + 1);
    }

    /**
     * Keeps a request if it is its slice's slowest so far. A thread's requests come in the order in which they were
     * intended, so that most of them cost two comparisons. It never allocates.
     */
    void note(long intended, long response) {
        if (intended >= until) {
            enter(intended);
        }
        if (response > most) {
            most = response;
            longest[slice] = response;
            this.intended[slice] = intended;
        }
    }

    /** Goes on to the slice in which a request was intended; what comes after the window is the last one's. */
    private void enter(long intended) {
        int last = longest.length - 1;
        slice = (int) Math.min((intended - begin) >> shift, last);
        until = slice == last ? Long.MAX_VALUE : begin + ((slice + 1L) << shift);
        most = longest[slice];
    }

    /** Keeps of each slice the slowest request of all threads. They have cut the same window. */
    static Slowest mergeSlowest(List<Slowest> parts) {
        Slowest whole = new Slowest(parts.get(0).shift, parts.get(0).longest.length);
        whole.begin = parts.get(0).begin;
        for (Slowest part : parts) {
            for (int slice = 0; slice < part.longest.length; slice++) {
                if (part.longest[slice] > whole.longest[slice]) {
                    whole.longest[slice] = part.longest[slice];
                    whole.intended[slice] = part.intended[slice];
                }
            }
        }
        return whole;
    }

    /** Returns intended:response;... in order of time, without the slices in which no request was due. */
    static String encodeSlowest(Slowest slowest) {
        StringBuilder text = new StringBuilder();
        for (int slice = 0; slice < slowest.intended.length; slice++) {
            if (slowest.intended[slice] == 0) {
                continue;
            }
            if (text.length() > 0) {
                text.append(';');
            }
            text.append(slowest.intended[slice]).append(':').append(slowest.longest[slice]);
        }
        return text.toString();
    }
}
