package gcrucible.runner;

/**
 * Looks once a second at accounts that only grow, and at the heap: a report takes differences. It is the harness's outside
 * the window and the watcher's inside.
 */
final class Ticker {
    /** How far apart ticks are due, in ns. */
    static final long TICK_EVERY = 1_000_000_000;

    /** How many a run keeps, more than an hour's; of a longer one the last two are further apart. */
    static final int MOST_TICKS = 4096;

    /** Of a tick: CLOCK_MONOTONIC, CPU of the process in ns, bytes allocated so far, bytes in use. */
    private static final int FIGURES = 4;

    private final long[] threads; // whose allocations are counted, by id
    private final long[] ticks = new long[MOST_TICKS * FIGURES];
    private int count;
    private long due; // CLOCK_MONOTONIC

    private Ticker(long[] threads) {
        this.threads = threads;
    }

    /** Allocates what the ticks need, and looks once so that the first of them does not load classes. */
    static Ticker newTicker(long[] threads) {
        Ticker ticker = new Ticker(threads);
        ticker.note();
        ticker.count = 0;
        return ticker;
    }

    /** Looks now, without a safepoint. */
    void note() {
        int place = count * FIGURES;
        ticks[place] = Clock.now();
        ticks[place + 1] = Counters.processCpu();
        ticks[place + 2] = allocated();
        ticks[place + 3] = Counters.heapInUse();
        count++;
        due = ticks[0] + ((ticks[place] - ticks[0]) / TICK_EVERY + 1) * TICK_EVERY;
    }

    /** Looks if it is time to; the last place is kept for the end of the window. */
    void noteIfDue(long at) {
        if (at >= due && count < MOST_TICKS - 1) {
            note();
        }
    }

    /**
     * What the threads have allocated. One that is about to have a new buffer may be seen with the old one counted twice, so
     * that the next look would see less.
     */
    private long allocated() {
        long sum = 0;
        for (long thread : threads) {
            sum += Counters.allocatedBy(thread);
        }
        return count == 0 ? sum : Math.max(sum, ticks[(count - 1) * FIGURES + 2]);
    }

    int count() {
        return count;
    }

    /** CLOCK_MONOTONIC ns from which on the next one is due. */
    long due() {
        return due;
    }

    /** Returns at:cpu:allocated:used;... in order of time. */
    String encodeTicks() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count * FIGURES; i++) {
            if (i > 0) {
                text.append(i % FIGURES == 0 ? ';' : ':');
            }
            text.append(ticks[i]);
        }
        return text.toString();
    }
}
