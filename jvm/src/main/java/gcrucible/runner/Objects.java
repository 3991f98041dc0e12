package gcrucible.runner;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** An experiment: equal objects, what one of them takes of the heap, and what a forced collection of all is counted as. */
final class Objects extends Padded implements Workload {
    final Herd herd;
    private final long base; // of what is written into them
    private final int n;
    private final long payload; // of one
    private final long asked; // for one
    private long requested;
    private long empty; // heap in use before there is anything
    private long withTable;
    private long withObjects;
    private long forced;
    private long raisedOnce;

    /** A table of equal objects. Java has no arrays inside objects: up to sixteen fields are fields, more are an array. */
    abstract static class Herd {
        final int fields;
        Object[] objects;

        Herd(int fields) {
            this.fields = fields;
        }

        final void place(int n) {
            objects = new Object[n];
        }

        final void fill(long base) {
            for (int i = 0; i < objects.length; i++) {
                objects[i] = make(base, i);
            }
        }

        abstract Object make(long base, int i);

        /** Folds what was written; throws if it is not what is there. */
        abstract long read(int i, long base);

        final Broken broken(int i) {
            return new Broken("objects: object " + i + " does not read back");
        }
    }

    /** Objects that hold numbers, and nothing that a collector would follow. */
    static final class FlatHerd extends Herd {
        private final Supplier<Flat> constructor;

        FlatHerd(int fields, Supplier<Flat> constructor) {
            super(fields);
            this.constructor = constructor;
        }

        @Override
        Object make(long base, int i) {
            Flat object = constructor.get();
            for (int j = 0; j < fields; j++) {
                object.set(j, written(base, i, j));
            }
            return object;
        }

        @Override
        long read(int i, long base) {
            long sum = 0;
            boolean whole = true;
            Flat object = (Flat) objects[i];
            for (int j = 0; j < fields; j++) {
                sum = sum * 31 + object.get(j);
                whole &= object.get(j) == written(base, i, j);
            }
            if (!whole) {
                throw broken(i);
            }
            return sum;
        }
    }

    /** Arrays of numbers. */
    static final class ArrayHerd extends Herd {
        ArrayHerd(int fields) {
            super(fields);
        }

        @Override
        Object make(long base, int i) {
            long[] object = new long[fields];
            for (int j = 0; j < fields; j++) {
                object[j] = written(base, i, j);
            }
            return object;
        }

        @Override
        long read(int i, long base) {
            long sum = 0;
            boolean whole = true;
            long[] object = (long[]) objects[i];
            for (int j = 0; j < fields; j++) {
                sum = sum * 31 + object[j];
                whole &= object[j] == written(base, i, j);
            }
            if (!whole) {
                throw broken(i);
            }
            return sum;
        }
    }

    /** Objects that hold references to anchors that their number and the place decide. */
    static final class LinkedHerd extends Herd {
        private final Supplier<Linked> constructor;

        LinkedHerd(int fields, Supplier<Linked> constructor) {
            super(fields);
            this.constructor = constructor;
        }

        @Override
        Object make(long base, int i) {
            Linked object = constructor.get();
            for (int j = 0; j < fields; j++) {
                object.set(j, anchor(base, i, j));
            }
            return object;
        }

        @Override
        long read(int i, long base) {
            long sum = 0;
            boolean whole = true;
            Linked object = (Linked) objects[i];
            for (int j = 0; j < fields; j++) {
                sum = sum * 31 + object.get(j).value;
                whole &= object.get(j) == anchor(base, i, j);
            }
            if (!whole) {
                throw broken(i);
            }
            return sum;
        }

        private static Block.Anchor anchor(long base, int i, int j) {
            return Block.Knot.ANCHORS[(int) Long.remainderUnsigned(written(base, i, j), Block.Knot.ANCHORS.length)];
        }
    }

    private static final Map<String, Supplier<Herd>> HERDS = new LinkedHashMap<>();

    static {
        HERDS.put("values1", () -> new FlatHerd(1, Flat.Of1::new));
        HERDS.put("values2", () -> new FlatHerd(2, Flat.Of2::new));
        HERDS.put("values3", () -> new FlatHerd(3, Flat.Of3::new));
        HERDS.put("values4", () -> new FlatHerd(4, Flat.Of4::new));
        HERDS.put("values8", () -> new FlatHerd(8, Flat.Of8::new));
        HERDS.put("values16", () -> new FlatHerd(16, Flat.Of16::new));
        HERDS.put("values64", () -> new ArrayHerd(64));
        HERDS.put("values512", () -> new ArrayHerd(512));
        HERDS.put("pointers4", () -> new LinkedHerd(4, Linked.Of4::new));
        HERDS.put("pointers16", () -> new LinkedHerd(16, Linked.Of16::new));
    }

    Objects(Request request, int t) {
        base = Random.mix(request.seed) >>> 32;
        String kind = request.word("kind", HERDS.keySet().toArray(new String[0]));
        herd = HERDS.get(kind).get();
        payload = 8L * herd.fields;
        asked = herd instanceof LinkedHerd ? Block.REFERENCE / 2 * herd.fields : payload;
        n = Workload.slotsFor(request.share(), payload);
    }

    /** Makes the table and then the objects, and looks at the heap before, between and after. */
    @Override
    public void setup() {
        empty = Counters.settledHeap();
        herd.place(n);
        withTable = Counters.settledHeap();
        herd.fill(base);
        withObjects = Counters.settledHeap();
        requested = n * asked;
    }

    /** Forces a collection and reads one object. */
    @Override
    public long operation() {
        long before = Counters.cycles();
        System.gc();
        forced++;
        if (Counters.cycles() == before + 1) {
            raisedOnce++;
        }
        return herd.read((int) (forced % n), base);
    }

    @Override
    public long verify() {
        long sum = 0;
        for (int i = 0; i < n; i++) {
            sum = Random.fold(sum, herd.read(i, base));
        }
        return sum;
    }

    @Override
    public long liveBytes() {
        return n * payload;
    }

    @Override
    public long requestedBytes() {
        return requested;
    }

    @Override
    public Value[] values() {
        return new Value[] {
            new Value("object_bytes", (double) (withObjects - withTable) / n),
            new Value("reference_bytes", (double) (withTable - empty) / n),
            new Value("entry_bytes", (double) (withObjects - empty) / n),
            new Value("raised_once_share", (double) raisedOnce / forced),
            new Value("scanned_bytes", Double.NaN), // the JVM does not tell
        };
    }

    /** What field j of object i holds. */
    private static long written(long base, int i, int j) {
        return base + 31L * i + j;
    }
}
