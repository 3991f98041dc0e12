package gcrucible.runner;

import java.util.HashMap;
import java.util.Map;

/**
 * An experiment: a map that only grows, one whose oldest entries are evicted, one that is emptied, and a new one in its
 * place.
 */
final class Maps extends Padded implements Workload {
    private static final long ENTRY_PAYLOAD = 64; // with the key

    private final long base;
    Map<Long, Entry> table;
    private final long n; // entries
    private final long batch; // entries that an operation replaces
    private long oldest; // key of the next one to be evicted
    private long next;
    private long requested;
    private long empty; // heap in use before there is a map
    private long half;
    private long full;

    /** An entry's value. */
    record Entry(long v0, long v1, long v2, long v3, long v4, long v5, long v6) {}

    Maps(Request request, int t) {
        base = Random.mix(request.seed) >>> 32;
        n = Math.max(32, Workload.slotsFor(request.share(), ENTRY_PAYLOAD));
        batch = n / 16;
    }

    /** Lets the map grow, and looks at the heap at its half and in the end. */
    @Override
    public void setup() {
        empty = Counters.settledHeap();
        table = new HashMap<>();
        while (next < n / 2) {
            insert();
        }
        half = Counters.settledHeap();
        while (next < n) {
            insert();
        }
        full = Counters.settledHeap();
        requested = n * ENTRY_PAYLOAD;
    }

    /** Inserts a batch, each entry in place of the oldest one. */
    @Override
    public long operation() {
        long sum = 0;
        for (long k = 0; k < batch; k++) {
            sum = Random.fold(sum, table.get(oldest).v6);
            table.remove(oldest);
            oldest++;
            insert();
        }
        return sum;
    }

    private void insert() {
        long first = base + next * 31;
        table.put(next, new Entry(first, first + 1, first + 2, first + 3, first + 4, first + 5, first + 6));
        next++;
    }

    @Override
    public long verify() {
        long sum = 0;
        boolean whole = table.size() == n;
        for (long key = oldest; key < next; key++) {
            Entry e = table.get(key);
            if (e == null) {
                throw new Broken("maps: entry " + key + " is lost");
            }
            long first = base + key * 31;
            whole &= e.v0 == first && e.v1 == first + 1 && e.v2 == first + 2 && e.v3 == first + 3;
            whole &= e.v4 == first + 4 && e.v5 == first + 5 && e.v6 == first + 6;
            if (!whole) {
                throw new Broken("maps: entry " + key + " does not read back");
            }
            sum = Random.fold(sum, e.v0);
        }
        return sum;
    }

    @Override
    public long liveBytes() {
        return n * ENTRY_PAYLOAD;
    }

    @Override
    public long requestedBytes() {
        return requested;
    }

    /** Ends the experiment: the map is emptied, and then another takes its place. */
    @Override
    public Value[] values() {
        long evicted = Counters.settledHeap();
        for (long key = oldest; key < next; key++) {
            table.remove(key);
        }
        long emptied = Counters.settledHeap();
        table = new HashMap<>();
        long replaced = Counters.settledHeap();
        return new Value[] {
            new Value("half_bytes", half - empty),
            new Value("full_bytes", full - empty),
            new Value("evicted_bytes", evicted - empty),
            new Value("emptied_bytes", emptied - empty),
            new Value("replaced_bytes", replaced - empty),
        };
    }
}
