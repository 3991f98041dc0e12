package gcrucible.runner;

/**
 * What one mutator thread does to its own share of the live set. No two threads share one, so results do not depend
 * on scheduling.
 */
interface Workload {
    /** Builds the live set. */
    void setup();

    /** Does one unit of work and returns what it read, for the checksum. */
    long operation();

    /** Walks the live set and folds it; throws {@link Broken} if something is lost. It allocates nothing. */
    long verify();

    /** The payload now held: scalars, and 8 bytes a reference; tables of the thread itself not counted. */
    long liveBytes();

    /** The payload asked for since setup began: scalars, and 4 bytes a reference. */
    long requestedBytes();

    /** Lets go of 90 % of the live set (fragment); the others keep theirs. */
    default void drop() {}

    /** Begins an operation and returns what another thread is to free in it (fragment), or null. */
    default Object handOver() {
        return null;
    }

    /** Takes what another thread returned. */
    default void receive(Object parcel) {}

    /** What an experiment measured itself, asked for once, at the end of everything; others measure nothing. */
    default Value[] values() {
        return new Value[0];
    }

    /** A name ends in its unit; what this runtime does not tell is not a number. */
    record Value(String name, double is) {}

    /** Something that must hold does not: an object was lost or changed, or the driver breaks the protocol. */
    final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1;

        Broken(String message) {
            super(message);
        }
    }

    /** The byte with which the pages of block id are marked. */
    static byte stamp(long id) {
        return (byte) ((id * Random.GOLDEN) >>> 56);
    }

    /** Writes every 64th byte and the last one, so that every page of a fresh block becomes resident. */
    static void touch(byte[] data, long id) {
        byte mark = stamp(id);
        for (int i = 0; i < data.length; i += 64) {
            data[i] = (byte) (mark ^ (i >> 6));
        }
        data[data.length - 1] = mark;
    }

    /** Folds the bytes that touch wrote; throws, in the name of what it is, if one of them is not what was written. */
    static long readBack(byte[] data, long id, String what) {
        byte mark = stamp(id);
        int last = data.length - 1;
        boolean whole = data[last] == mark;
        long sum = 0;
        for (int i = 0; i < last; i += 64) {
            sum = sum * 31 + (data[i] & 0xFF);
            whole &= data[i] == (byte) (mark ^ (i >> 6));
        }
        if (!whole) {
            throw new Broken(what + " " + id + " does not read back");
        }
        return sum * 31 + (data[last] & 0xFF);
    }

    /** How many objects of equal payload come nearest to share; at least one. */
    static int slotsFor(long share, long payload) {
        return slots(Math.max(1, (share + payload / 2) / payload));
    }

    /** The length of an array, which Java limits. */
    static int slots(long n) {
        if (n > Integer.MAX_VALUE - 8) {
            throw new Request.Wrong("p.live_bytes", "a thread's share is " + n + " objects, more than an array holds");
        }
        return (int) n;
    }
}
