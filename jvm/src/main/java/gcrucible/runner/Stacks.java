package gcrucible.runner;

import java.util.concurrent.locks.LockSupport;

/**
 * Parks many threads of execution, each with a stack whose frames hold all that lives, and makes garbage meanwhile: a
 * collection finds its roots on every one of them.
 */
final class Stacks extends Padded implements Workload {
    private final Random random;
    private final boolean platform;
    private final int piecesPerOp;
    private final int wakeEvery;

    Sleeper[] sleepers;
    Baton baton;
    final Piece[] ring; // the young: round robin
    private int ringNext;
    private long operations;
    private final long live;

    /** What a sleeper is woken for. */
    enum Task {
        /** Go down, with a new bag for each frame. */
        BUILD,
        /** Go up and down again, and read a little of each bag both times. */
        WALK,
        /** The same, and read all of them back. */
        CHECK
    }

    /** What one frame holds; its array and each piece and its data are objects of their own. */
    static final class Bag {
        long id;
        final Piece[] pieces;

        Bag(long id, Piece[] pieces) {
            this.id = id;
            this.pieces = pieces;
        }
    }

    static final class Piece {
        final long id;
        final byte[] data;

        Piece(long id, byte[] data) {
            this.id = id;
            this.data = data;
        }

        /** Reads the number of a piece and its last byte. */
        long peek() {
            return id + (data[data.length - 1] & 0xFF);
        }
    }

    Stacks(Request request, int t) {
        int threads = request.threads;
        long total = request.param("sleepers", threads, 1 << 20);
        int depth = (int) request.param("depth", 1, 1000);
        int pieceBytes = (int) request.param("piece_bytes", 1, 1 << 20);
        random = Random.split(request.seed, t);
        platform = request.word("kind", "light", "platform").equals("platform");
        piecesPerOp = (int) request.param("pieces_per_op", 1, 1 << 20);
        ring = new Piece[(int) request.param("young_slots", 1, 1 << 24)];
        wakeEvery = (int) request.param("wake_every", 1, 1 << 20);
        long own = total * (t + 1) / threads - total * t / threads;
        long share = request.share();
        long each = 8 + 8 + pieceBytes; // a piece, and the reference to it
        long young = ring.length * (8L + pieceBytes);
        if (share < own * depth * (8 + each) + young) { // a piece a frame, and the ring
            long most = (total + threads - 1) / threads;
            throw new Request.Wrong(
                    "p.live_bytes",
                    "is too little for a piece in each frame: at least "
                            + threads * (most * depth * (8 + each) + young));
        }
        if (!platform && !Threads.hasVirtual()) {
            throw new Request.Unable(
                    "p.kind",
                    "light threads take JDK " + Threads.VIRTUAL_SINCE + " or later, this is " + Runtime.version());
        }
        Threads.Room room = platform ? Threads.mostThreads("") : Threads.Room.ENDLESS;
        if (total > room.most()) {
            throw new Request.Unable(
                    "p.sleepers",
                    total + " threads do not fit here: at most " + room.most() + " (" + room.by() + ")");
        }
        sleepers = new Sleeper[(int) own];
        long frames = own * depth;
        long pieces = Workload.slotsFor(share - young - frames * 8, each);
        baton = new Baton(depth, pieceBytes, pieces, frames);
        live = young + frames * 8 + pieces * each;
    }

    /** Fills the ring, then starts the sleepers one after the other. */
    @Override
    public void setup() {
        for (int i = 0; i < ring.length; i++) {
            ring[i] = baton.newPiece();
        }
        int depth = baton.carry.length;
        for (int i = 0; i < sleepers.length; i++) {
            Sleeper sleeper = new Sleeper((long) i * depth, baton);
            sleepers[i] = sleeper;
            sleeper.start(platform);
            wake(sleeper, Task.BUILD, 0);
        }
    }

    /** Makes garbage, and wakes one sleeper each so many times. */
    @Override
    public long operation() {
        long result = 0;
        for (int n = 0; n < piecesPerOp; n++) {
            Piece fresh = baton.newPiece();
            int at = ringNext;
            if (++ringNext == ring.length) {
                ringNext = 0;
            }
            Piece old = ring[at];
            ring[at] = fresh;
            result = Random.fold(result, old.peek());
        }
        if (++operations % wakeEvery == 0) {
            Sleeper sleeper = sleepers[random.below(sleepers.length)];
            result = Random.fold(result, wake(sleeper, Task.WALK, random.next()));
        }
        return result;
    }

    /** Passes the baton to a sleeper, waits until it comes back, and returns the sum. */
    long wake(Sleeper sleeper, Task task, long sum) {
        baton.task = task;
        baton.sum = sum;
        baton.home = Thread.currentThread();
        baton.back = false;
        sleeper.awake = true;
        LockSupport.unpark(sleeper.thread);
        while (!baton.back) {
            LockSupport.park();
        }
        return baton.sum;
    }

    /** Reads the ring back, and has every sleeper do so with what its frames hold. */
    @Override
    public long verify() {
        long sum = 0;
        for (Piece piece : ring) {
            sum = Random.fold(sum, piece.id + Workload.readBack(piece.data, piece.id, "stacks: piece"));
        }
        for (Sleeper sleeper : sleepers) {
            sum = Random.fold(sum, wake(sleeper, Task.CHECK, 0));
        }
        if (baton.broken != null) {
            throw baton.broken;
        }
        return sum;
    }

    @Override
    public long liveBytes() {
        return live;
    }

    @Override
    public long requestedBytes() {
        return baton.requested;
    }

    /**
     * What the one that is awake works with: the mutator passes it to a sleeper and waits until it comes back, so that no
     * two of them ever run at once.
     */
    static final class Baton extends Padded {
        private Task task;
        long sum; // of what was read
        final Bag[] carry; // what the frames of the one that is awake hold, while they are gone; else null
        private Thread home; // the mutator's
        private volatile boolean back; // with the mutator
        private final int pieceBytes;
        final long pieces; // of all frames; they are spread evenly
        private final long frames;
        private long nextId;
        private long requested;
        private Broken broken;

        Baton(int depth, int pieceBytes, long pieces, long frames) {
            this.carry = new Bag[depth];
            this.pieceBytes = pieceBytes;
            this.pieces = pieces;
            this.frames = frames;
        }

        /** Allocates and touches. */
        private Piece newPiece() {
            long id = nextId++;
            Piece fresh = new Piece(id, new byte[pieceBytes]);
            Workload.touch(fresh.data, id);
            requested += 8 + pieceBytes;
            return fresh;
        }

        /** Makes what the frame of that number holds. */
        Bag newBag(long id) {
            int n = (int) (pieces / frames + (id < pieces % frames ? 1 : 0));
            Bag fresh = new Bag(id, new Piece[n]);
            for (int i = 0; i < n; i++) {
                fresh.pieces[i] = newPiece();
            }
            requested += 8 + 4L * n;
            return fresh;
        }

        /** Reads one piece of a bag, chosen by what was read before it, or checks all. */
        private void read(Bag own, long id) {
            if (task == Task.WALK) {
                Piece one = own.pieces[(int) (((sum >>> 33) * own.pieces.length) >>> 31)];
                sum = Random.fold(sum, own.id + one.peek());
            } else if (task == Task.CHECK) {
                check(own, id);
            }
        }

        /** Reads a bag back; the first that is broken is kept for verify to report. */
        private void check(Bag own, long id) {
            try {
                if (own.id != id) {
                    throw new Broken("another bag");
                }
                for (Piece piece : own.pieces) {
                    sum = Random.fold(sum, piece.id + Workload.readBack(piece.data, piece.id, "piece"));
                }
            } catch (Broken e) {
                if (broken == null) {
                    broken = new Broken("stacks: what frame " + id + " holds does not read back");
                }
            }
        }
    }

    /** A thread of execution that sleeps at the bottom of its stack. */
    static final class Sleeper {
        private final long first; // number of its first frame, among those of all sleepers of a mutator
        private final Baton baton;
        private Thread thread;
        private volatile boolean awake;

        Sleeper(long first, Baton baton) {
            this.first = first;
            this.baton = baton;
        }

        /** Room for frames as the interpreter makes them; a stack is only reserved until it is used. */
        void start(boolean platform) {
            thread = Threads.startThread(platform, (256 << 10) + 512L * baton.carry.length, this::live);
        }

        /** Goes down the stack, and down again after each time that it came back up. */
        private void live() {
            await();
            while (true) {
                frame(0);
            }
        }

        /**
         * Holds a bag while the frames below it come and go. While the sleeper sleeps nothing but the frame leads to it. A
         * frame that is compiled into its caller's keeps its reference all the same.
         */
        private void frame(int level) {
            long id = first + level;
            Bag own = take(level, id);
            baton.read(own, id);
            if (level + 1 < baton.carry.length) {
                frame(level + 1);
            } else {
                sleep();
            }
            baton.read(own, id);
            baton.carry[level] = own;
        }

        /** Gives a frame a new bag, or the one that it laid down when it was left. */
        private Bag take(int level, long id) {
            if (baton.task == Task.BUILD) {
                return baton.newBag(id);
            }
            Bag own = baton.carry[level];
            baton.carry[level] = null;
            return own;
        }

        /** Passes the baton back and waits for it. */
        private void sleep() {
            awake = false;
            Thread home = baton.home;
            baton.back = true;
            LockSupport.unpark(home);
            await();
        }

        private void await() {
            while (!awake) {
                LockSupport.park();
            }
        }
    }
}
