package gcrucible.runner;

/** The generator splitmix64. Two threads never share one. */
final class Random extends Padded {
    static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long state;

    private Random(long state) {
        this.state = state;
    }

    /** splitmix64's output function: a bijection that scatters every input bit. */
    static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Gives thread t of a seed its own generator. */
    static Random split(long seed, int t) {
        return new Random(mix(seed + (t + 1) * GOLDEN));
    }

    /** Returns 64 random bits. */
    long next() {
        state += GOLDEN;
        return mix(state);
    }

    /** Returns a number in [0, n), n &lt; 2^31. No division and no rejection: the same in every language. */
    int below(long n) {
        return (int) (((next() >>> 33) * n) >>> 31);
    }

    /** Mixes one more value into a checksum; the order of the values counts. */
    static long fold(long sum, long value) {
        return (Long.rotateLeft(sum, 5) ^ value) * 0x100000001B3L;
    }
}
