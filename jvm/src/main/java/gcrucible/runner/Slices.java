package gcrucible.runner;

/** Chunks of 1024 items of 32 bytes; the layout decides whether a chunk holds items or references to items. */
final class Slices {
    private static final int CHUNK_ITEMS = 1024;
    private static final long ITEM_BYTES = 32;

    private Slices() {}

    static Workload of(Request request, int t) {
        Random random = Random.split(request.seed, t);
        int updates = (int) request.param("updates", 0, 1 << 20);
        if (request.word("layout", "pointers", "values").equals("values")) {
            return new Values(random, updates, Workload.slotsFor(request.share(), CHUNK_ITEMS * ITEM_BYTES));
        }
        return new Pointers(random, updates, Workload.slotsFor(request.share(), CHUNK_ITEMS * (ITEM_BYTES + 8)));
    }

    private static Workload.Broken broken(int item, int chunk) {
        return new Workload.Broken("slices: item " + item + " of chunk " + chunk + " does not read back");
    }

    static final class Item {
        long a;
        long b;
        long c;
        long d;

        /** Gives item i of a chunk its values: a and b agree on base as long as the chunk is whole. */
        void fill(long base, long i) {
            a = base + i;
            b = base ^ i;
            c = i;
            d = 0;
        }

        long sum() {
            return (a ^ b) + c + d;
        }

        /** Changes what no check depends on. */
        void update() {
            d += c + 1;
        }

        boolean whole(long i) {
            return a - i == (b ^ i) && c == i;
        }
    }

    /** A chunk is an array of references to items of their own. */
    static final class Pointers extends Padded implements Workload {
        private final Random random;
        private final int updates;
        final Item[][] chunks;
        private long requested;

        Pointers(Random random, int updates, int slots) {
            this.random = random;
            this.updates = updates;
            this.chunks = new Item[slots][];
        }

        @Override
        public void setup() {
            for (int k = 0; k < chunks.length; k++) {
                chunks[k] = newChunk();
            }
        }

        /** Replaces one chunk, reads another, updates a third (they may coincide). */
        @Override
        public long operation() {
            chunks[pick()] = newChunk();
            long sum = 0;
            for (Item item : chunks[pick()]) {
                sum += item.sum();
            }
            Item[] third = chunks[pick()];
            for (int n = 0; n < updates; n++) {
                third[random.below(CHUNK_ITEMS)].update();
            }
            return sum;
        }

        private Item[] newChunk() {
            long base = random.next();
            Item[] chunk = new Item[CHUNK_ITEMS];
            for (int i = 0; i < CHUNK_ITEMS; i++) {
                Item item = new Item();
                item.fill(base, i);
                chunk[i] = item;
            }
            requested += CHUNK_ITEMS * (ITEM_BYTES + 4);
            return chunk;
        }

        private int pick() {
            return random.below(chunks.length);
        }

        @Override
        public long verify() {
            long sum = 0;
            for (int k = 0; k < chunks.length; k++) {
                Item[] chunk = chunks[k];
                for (int i = 0; i < CHUNK_ITEMS; i++) {
                    if (!chunk[i].whole(i)) {
                        throw broken(i, k);
                    }
                    sum += chunk[i].sum();
                }
                sum = Random.fold(sum, k);
            }
            return sum;
        }

        @Override
        public long liveBytes() {
            return (ITEM_BYTES + 8) * CHUNK_ITEMS * chunks.length;
        }

        @Override
        public long requestedBytes() {
            return requested;
        }
    }

    /** A chunk is one array of items; released JDKs have no flattened classes, so an item is four longs in a row. */
    private static final class Values extends Padded implements Workload {
        private static final int A = 0;
        private static final int B = 1;
        private static final int C = 2;
        private static final int D = 3;
        private static final int WIDTH = 4;

        private final Random random;
        private final int updates;
        private final long[][] chunks;
        private long requested;

        Values(Random random, int updates, int slots) {
            this.random = random;
            this.updates = updates;
            this.chunks = new long[slots][];
        }

        @Override
        public void setup() {
            for (int k = 0; k < chunks.length; k++) {
                chunks[k] = newChunk();
            }
        }

        @Override
        public long operation() {
            chunks[pick()] = newChunk();
            long sum = 0;
            long[] another = chunks[pick()];
            for (int at = 0; at < another.length; at += WIDTH) {
                sum += sum(another, at);
            }
            long[] third = chunks[pick()];
            for (int n = 0; n < updates; n++) {
                int at = WIDTH * random.below(CHUNK_ITEMS);
                third[at + D] += third[at + C] + 1;
            }
            return sum;
        }

        private long[] newChunk() {
            long base = random.next();
            long[] chunk = new long[WIDTH * CHUNK_ITEMS];
            for (int i = 0; i < CHUNK_ITEMS; i++) {
                int at = WIDTH * i;
                chunk[at + A] = base + i;
                chunk[at + B] = base ^ i;
                chunk[at + C] = i;
                chunk[at + D] = 0;
            }
            requested += CHUNK_ITEMS * ITEM_BYTES;
            return chunk;
        }

        private static long sum(long[] chunk, int at) {
            return (chunk[at + A] ^ chunk[at + B]) + chunk[at + C] + chunk[at + D];
        }

        private static boolean whole(long[] chunk, int i) {
            int at = WIDTH * i;
            return chunk[at + A] - i == (chunk[at + B] ^ i) && chunk[at + C] == i;
        }

        private int pick() {
            return random.below(chunks.length);
        }

        @Override
        public long verify() {
            long sum = 0;
            for (int k = 0; k < chunks.length; k++) {
                long[] chunk = chunks[k];
                for (int i = 0; i < CHUNK_ITEMS; i++) {
                    if (!whole(chunk, i)) {
                        throw broken(i, k);
                    }
                    sum += sum(chunk, WIDTH * i);
                }
                sum = Random.fold(sum, k);
            }
            return sum;
        }

        @Override
        public long liveBytes() {
            return ITEM_BYTES * CHUNK_ITEMS * chunks.length;
        }

        @Override
        public long requestedBytes() {
            return requested;
        }
    }
}
