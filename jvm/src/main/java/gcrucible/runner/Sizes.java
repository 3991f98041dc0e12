package gcrucible.runner;

/**
 * Draws from [min, max]: a power-of-two class first, then uniformly inside the class's part of the range, so that
 * small objects dominate the count and large ones the bytes.
 */
final class Sizes {
    private final long min;
    private final long max;
    private final int first;
    private final int classes;

    Sizes(long min, long max) {
        this.min = min;
        this.max = max;
        this.first = log2(min);
        this.classes = log2(max) + 1 - first;
    }

    int draw(Random random) {
        int i = random.below(classes);
        long lo = low(i);
        return (int) (lo + random.below(high(i) - lo + 1));
    }

    /** The expected size, rounded down. */
    long mean() {
        long sum = 0;
        for (int i = 0; i < classes; i++) {
            sum += low(i) + high(i);
        }
        return sum / (2L * classes);
    }

    /** The least size of the i-th class, inclusive. */
    private long low(int i) {
        return Math.max(1L << (first + i), min);
    }

    /** The greatest size of the i-th class, inclusive. */
    private long high(int i) {
        return Math.min((2L << (first + i)) - 1, max);
    }

    private static int log2(long n) {
        return 63 - Long.numberOfLeadingZeros(n);
    }
}
