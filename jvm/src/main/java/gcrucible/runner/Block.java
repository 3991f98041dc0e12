package gcrucible.runner;

/** What fragment holds: an object with its id and, apart from it, its payload. */
abstract class Block {
    static final int REFERENCE = 8; // its payload in bytes; 4 are requested

    abstract long id();

    abstract long payload();

    abstract long requested();

    /** Folds what was written; throws if it is not what is there. */
    abstract long readBack();

    /** Holds bytes. */
    static final class Cell extends Block {
        final long id;
        final byte[] data;

        Cell(long id, int size) {
            this.id = id;
            data = new byte[size];
            Workload.touch(data, id);
        }

        @Override
        long id() {
            return id;
        }

        @Override
        long payload() {
            return 8 + data.length;
        }

        @Override
        long requested() {
            return payload();
        }

        @Override
        long readBack() {
            return Workload.readBack(data, id, "fragment: block");
        }
    }

    /** Holds references and nothing else, each of them to an anchor that its id and the place decide. */
    static final class Knot extends Block {
        static final Anchor[] ANCHORS = anchors(); // of all threads, and never written to again

        final long id;
        final Anchor[] refs;

        Knot(long id, int size) {
            this.id = id;
            refs = new Anchor[size / REFERENCE];
            for (int j = 0; j < refs.length; j++) {
                refs[j] = anchor(j);
            }
        }

        private static Anchor[] anchors() {
            Anchor[] made = new Anchor[1024];
            for (int k = 0; k < made.length; k++) {
                made[k] = new Anchor(Random.mix(k));
            }
            return made;
        }

        private Anchor anchor(int j) {
            return ANCHORS[(int) ((id + j) % ANCHORS.length)];
        }

        @Override
        long id() {
            return id;
        }

        @Override
        long payload() {
            return 8 + (long) REFERENCE * refs.length;
        }

        @Override
        long requested() {
            return 8 + (long) REFERENCE / 2 * refs.length;
        }

        @Override
        long readBack() {
            long sum = 0;
            boolean whole = true;
            for (int j = 0; j < refs.length; j++) {
                Anchor ref = refs[j];
                sum = sum * 31 + ref.value;
                whole &= ref == anchor(j);
            }
            if (!whole) {
                throw new Workload.Broken("fragment: block " + id + " does not read back");
            }
            return sum;
        }
    }

    /** What knots refer to: one that refers to another block would keep it alive. */
    static final class Anchor {
        final long value;

        Anchor(long value) {
            this.value = value;
        }
    }
}
