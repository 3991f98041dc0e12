package gcrucible.runner;

/** When the requests of an open loop arrive. */
final class Schedule {
    /** "arrivals" in ASCII: keeps the schedule's generator apart from the workload's. */
    private static final long SALT = 0x6172726976616c73L;

    private Schedule() {}

    /**
     * Thread t's Poisson process: the intended starts of n operations, as ns after the window's begin. The rate is in
     * operations per second over all threads.
     */
    static long[] arrivals(long seed, int t, int threads, long rate, int n) {
        Random random = Random.split(seed ^ SALT, t);
        double gap = 1e9 * threads / rate;
        long[] offsets = new long[n];
        double at = 0;
        for (int i = 0; i < n; i++) {
            double uniform = ((random.next() >>> 11) + 1) * 0x1p-53; // in (0, 1], so that its logarithm is finite
            at -= Math.log(uniform) * gap;
            offsets[i] = (long) at;
        }
        return offsets;
    }
}
