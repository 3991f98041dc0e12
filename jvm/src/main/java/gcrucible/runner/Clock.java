package gcrucible.runner;

import java.util.concurrent.locks.LockSupport;

/** CLOCK_MONOTONIC in ns: on Linux, HotSpot's nanoTime is that clock, unshifted. */
final class Clock {
    private Clock() {}

    static long now() {
        return System.nanoTime();
    }

    /**
     * Returns at t or as soon after it as the kernel wakes the thread, and says when that is. A park may end early:
     * without a reason, or by an unpark that was meant for a latch.
     */
    static long sleepUntil(long t) {
        while (true) {
            long at = now();
            if (at >= t) {
                return at;
            }
            LockSupport.parkNanos(t - at);
        }
    }
}
