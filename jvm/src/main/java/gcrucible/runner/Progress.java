package gcrucible.runner;

import java.util.List;

/**
 * How long one block of a thread's operations took after the other, so that a report can tell whether the work reached a
 * steady state inside the window.
 */
final class Progress {
    /** How many blocks of operations a thread times at most. */
    static final int MOST_BLOCKS = 256;

    final long block; // operations
    final long[] durations; // ns; the last block may have fewer operations

    Progress(long block, long[] durations) {
        this.block = block;
        this.durations = durations;
    }

    /**
     * Has room for that many operations. A block is whole rows of those that are recorded and left out (skip), so that which
     * ones these are does not depend on the blocks.
     */
    static Progress newProgress(long ops, long skip) {
        long block = Math.max(1, (ops + MOST_BLOCKS - 1) / MOST_BLOCKS);
        if (skip > 0) {
            long row = Harness.IN_A_ROW + skip;
            block = (block + row - 1) / row * row;
        }
        return new Progress(block, new long[(int) ((ops + block - 1) / block)]);
    }

    /** Returns the operations of a block and the threads' durations, block:d,d,...;d,d,... */
    static String encodeProgress(List<Progress> parts) {
        StringBuilder text = new StringBuilder().append(parts.get(0).block);
        char separator = ':';
        for (Progress part : parts) {
            for (long duration : part.durations) {
                text.append(separator).append(duration);
                separator = ',';
            }
            separator = ';';
        }
        return text.toString();
    }
}
