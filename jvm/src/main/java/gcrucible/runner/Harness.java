package gcrucible.runner;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/** Runs one request: the phases, the holds between them and the report. */
final class Harness {
    /** With record=2 so many operations in a row are recorded, of each sixteen. */
    static final long IN_A_ROW = 4;

    static final long OF_EACH = 16;
    /**
     * How many operations operateAlternately does between two looks at the clock: a fraction of a millisecond, so that
     * neighbours find the same machine.
     */
    private static final long STRETCH = 4 * OF_EACH;

    private final Request request;
    private final List<Mutator> mutators = new ArrayList<>();
    private final List<Epoch> epochs = new ArrayList<>();
    volatile byte[] litter; // the light load's last allocation, published
    private final BufferedReader in;
    private final PrintStream out;

    /** A thread with its workload. It lives as long as the harness and does the phases in turn. */
    private static final class Mutator extends Padded {
        final Workload work;
        final BlockingQueue<Runnable> phases = new LinkedBlockingQueue<>();
        final Thread thread;
        long sum; // checksum so far
        final Histogram service = Recorder.newHistogram();
        Histogram response; // open loop only
        Slowest slow; // open loop only
        long[] arrivals; // open loop only
        Histogram ratio; // of neighbouring stretches, alternate=1 only
        Progress progress; // closed loop with record > 0 and alternate=0 only
        long allocated; // bytes, by the thread's own account
        Workload.Broken broken; // the invariant that it found broken
        Object parcel; // what another thread is to free

        Mutator(Workload work, int t) {
            this.work = work;
            thread = new Thread(this::live, "mutator-" + t);
            thread.setDaemon(true);
        }

        private void live() {
            try {
                while (true) {
                    phases.take().run();
                }
            } catch (InterruptedException e) {
                // The harness is done.
            }
        }

        /** The loop without a clock: warm-up, and the window, of a request with record=0. */
        void operate(long ops) {
            for (long n = 0; n < ops; n++) {
                sum = Random.fold(sum, work.operation());
            }
        }

        /**
         * The loop with a clock: the end of one operation is the start of the next. After each few in a row it leaves out
         * skip; what is left out is neither timed nor chosen by how long anything took.
         */
        void operateRecorded(long ops, long skip) {
            long last = Clock.now();
            while (ops > 0) {
                long row = Math.min(IN_A_ROW, ops);
                for (long n = 0; n < row; n++) {
                    last = operateRecorded(last, service);
                }
                ops -= row;
                long left = Math.min(skip, ops);
                if (left > 0) {
                    operate(left);
                    ops -= left;
                    last = Clock.now();
                }
            }
        }

        /** One operation; a method of its own, so that it is compiled after so many operations, whatever the loop does. */
        private long operateRecorded(long last, Histogram service) {
            sum = Random.fold(sum, work.operation());
            return Recorder.recordClosed(service, last);
        }

        /** The loop with a clock that also times each block: two more readings a block, and nothing an operation. */
        void operateInBlocks(long ops, Progress progress, long skip) {
            long last = Clock.now();
            for (int block = 0; block < progress.durations.length; block++) {
                long some = Math.min(progress.block, ops);
                operateRecorded(some, skip);
                ops -= some;
                long done = Clock.now();
                progress.durations[block] = done - last;
                last = done;
            }
        }

        /**
         * Records the inner or the outer two of each four stretches of operations and keeps their ratio to the other two, in
         * parts per million: neighbours differ by what recording costs, and by little else. Which two follows the Thue-Morse
         * sequence, since no period of a collector keeps step with that.
         */
        void operateAlternately(long ops, long skip) {
            for (long four = 0; four < ops / (4 * STRETCH); four++) {
                boolean outer = Long.bitCount(four) % 2 == 1;
                long start = Clock.now();
                operateStretch(outer, skip);
                long before = Clock.now();
                operateStretch(!outer, skip);
                operateStretch(!outer, skip);
                long after = Clock.now();
                operateStretch(outer, skip);
                long inside = after - before;
                long around = Clock.now() - after + before - start;
                long recorded = outer ? around : inside;
                Recorder.record(ratio, recorded * 1_000_000 / (inside + around - recorded));
            }
            operate(ops % (4 * STRETCH));
        }

        private void operateStretch(boolean recorded, long skip) {
            if (recorded) {
                operateRecorded(STRETCH, skip);
            } else {
                operate(STRETCH);
            }
        }

        /**
         * operateRecorded for a runner that is to be slower by a known share: after each operation it spins for so many
         * thousandths of what the operation took, and the spinning is part of what is recorded.
         */
        void operateDragged(long ops, long permille) {
            long last = Clock.now();
            for (long n = 0; n < ops; n++) {
                last = operateDragged(last, permille, service);
            }
        }

        /** One operation; a method of its own for the reason that operateRecorded has. */
        private long operateDragged(long last, long permille, Histogram service) {
            sum = Random.fold(sum, work.operation());
            long done = Clock.now();
            long until = done + (done - last) * permille / 1000;
            while (Clock.now() < until) {
                // That is the drag.
            }
            return Recorder.recordClosed(service, last);
        }

        /** One operation of the open loop: returns when it ended. */
        private long operateIntended(long intended, long start, boolean record) {
            sum = Random.fold(sum, work.operation());
            return record ? Recorder.recordOpen(response, service, slow, intended, start) : Clock.now();
        }
    }

    /** What fragment reports after each operation. */
    private record Epoch(long at, long live, long used, long committed) {
        /** The last field is what the runtime wastes inside of what is in use: the JVM does not tell. */
        String encode(int index) {
            return index + "," + at + "," + live + "," + used + "," + committed + "," + (committed - used) + ",";
        }
    }

    /** The ends of the measured window. */
    private record Window(long begin, long end) {}

    Harness(Request request, Workload[] works, BufferedReader in, PrintStream out) {
        this.request = request;
        this.in = in;
        this.out = out;
        for (int t = 0; t < works.length; t++) {
            Mutator mutator = new Mutator(works[t], t);
            if (request.alternate) {
                mutator.ratio = Recorder.newHistogram();
            }
            if (inBlocks()) {
                mutator.progress = Progress.newProgress(request.ops, request.skip);
            }
            if (request.open) {
                mutator.response = Recorder.newHistogram();
                mutator.arrivals =
                        Schedule.arrivals(request.seed, t, request.threads, request.rate, (int) request.ops);
            }
            mutators.add(mutator);
        }
        if (request.open) {
            long last = 0; // intended start of all threads
            for (Mutator mutator : mutators) {
                last = Math.max(last, mutator.arrivals[mutator.arrivals.length - 1]);
            }
            for (Mutator mutator : mutators) {
                mutator.slow = Slowest.newSlowest(last);
            }
        }
    }

    /**
     * Does the request from the first line of the answer to the last. Throws {@link Workload.Broken} for a broken
     * invariant or a driver that does not keep to the protocol.
     */
    void execute() throws IOException, InterruptedException {
        print("protocol", 1);
        print("runtime", "java");
        print("version", Runtime.version());
        mark("start", Clock.now());
        try {
            runPhases();
        } finally {
            for (Mutator mutator : mutators) {
                mutator.thread.interrupt();
            }
        }
    }

    private void runPhases() throws IOException, InterruptedException {
        setupAll();
        mark("setup", Clock.now());
        warmUp();
        mark("warmup", Clock.now());
        Ticker ticker = Ticker.newTicker(mutators.stream().mapToLong(mutator -> mutator.thread.getId()).toArray());
        Watcher watcher = new Watcher(ticker);
        Counters before = new Counters();
        Counters after = new Counters();
        hold("setup");

        long requested = total(Workload::requestedBytes);
        before.read(allocated());
        ticker.note();
        watcher.start();
        Window window = window();
        watcher.stop();
        after.read(allocated());
        ticker.note();
        mark("begin", window.begin);
        mark("end", window.end);
        hold("end");

        requested = total(Workload::requestedBytes) - requested;
        long live = total(Workload::liveBytes);
        long checksum = verifyAll();
        List<Probe.Try> tries = Probe.probe(request.probe);
        if (request.returnMs > 0) {
            giveBack();
        }
        forceCollection();
        forceCollection(); // what the first one found dying (references, cleaners) the second one frees
        mark("rest", Clock.now());
        Counters rest = new Counters();
        hold("rest");

        print("ops", request.ops * request.threads);
        print("requested_bytes", requested);
        print("live_bytes", live);
        print("checksum", String.format("%016x", checksum));
        before.print(this, "before");
        after.print(this, "after");
        print("rest.heap_used", rest.heapUsed());
        print("rest.heap_committed", rest.heapCommitted());
        print("ticks", ticker.encodeTicks());
        for (int i = 0; i < epochs.size(); i++) {
            print("epoch", epochs.get(i).encode(i));
        }
        if (!tries.isEmpty()) {
            print("probe", Probe.encodeProbe(tries));
        }
        printValues();
        printHistograms(watcher);
        printSlowest();
        printProgress();
        print("done", 1);
    }

    /** Starts the threads and builds the live set on all of them at once. */
    private void setupAll() throws InterruptedException {
        for (Mutator mutator : mutators) {
            mutator.thread.start();
        }
        all(mutator -> mutator.work.setup());
    }

    /** Does the operations before the window. */
    private void warmUp() throws InterruptedException {
        if (!request.workload.equals("fragment")) {
            all(mutator -> warmUp(mutator, request.warmupOps));
            return;
        }
        for (long n = 0; n < request.warmupOps; n++) {
            exchange();
            all(mutator -> warmUp(mutator, 1));
        }
    }

    /**
     * Operations before the window. They go through the window's own code and their durations are thrown away: code that
     * runs for the first time inside the window would be interpreted there.
     */
    private void warmUp(Mutator mutator, long ops) {
        if (request.alternate) {
            mutator.operateAlternately(ops, request.skip);
            mutator.service.reset();
            mutator.ratio.reset();
        } else if (request.drag > 0) {
            mutator.operateDragged(ops, request.drag);
            mutator.service.reset();
        } else if (inBlocks()) {
            Progress unused = Progress.newProgress(ops, request.skip);
            mutator.operateInBlocks(ops, unused, request.skip);
            mutator.service.reset();
        } else if (request.record) {
            mutator.operateRecorded(ops, request.skip);
            mutator.service.reset();
        } else {
            mutator.operate(ops);
        }
    }

    /** Is the window one whose blocks are timed? */
    private boolean inBlocks() {
        return !request.open
                && request.record
                && !request.alternate
                && request.drag == 0
                && !request.workload.equals("fragment");
    }

    /** Runs the measured operations in the loop that the request asks for. */
    private Window window() throws InterruptedException {
        if (request.workload.equals("fragment")) {
            return epochLoop();
        }
        return request.open ? openLoop() : closedLoop();
    }

    /** Runs operation after operation. */
    private Window closedLoop() throws InterruptedException {
        long begin = Clock.now();
        all(mutator -> {
            if (request.alternate) {
                mutator.operateAlternately(request.ops, request.skip);
            } else if (request.drag > 0) {
                mutator.operateDragged(request.ops, request.drag);
            } else if (request.record) {
                mutator.operateInBlocks(request.ops, mutator.progress, request.skip);
            } else {
                mutator.operate(request.ops);
            }
        });
        return new Window(begin, Clock.now());
    }

    /** Starts each operation at its intended time, or as soon after it as the thread is free. None is skipped. */
    private Window openLoop() throws InterruptedException {
        final long lead = 1_000_000; // so that every thread is there before the first arrival
        long begin = Clock.now() + lead;
        all(mutator -> {
            mutator.slow.begin = begin;
            long free = 0; // when the last operation ended
            for (long offset : mutator.arrivals) {
                long intended = begin + offset;
                long start = free < intended ? Clock.sleepUntil(intended) : free;
                free = mutator.operateIntended(intended, start, request.record);
            }
        });
        return new Window(begin, Clock.now());
    }

    /**
     * Lets all threads meet after each operation, forces a collection (unless force=0) and looks at the heap after a short
     * rest.
     */
    private Window epochLoop() throws InterruptedException {
        final long rest = 20_000_000;
        Counters heap = new Counters();
        long begin = Clock.now();
        for (long n = 0; n < request.ops; n++) {
            exchange();
            all(mutator -> {
                if (request.record) {
                    mutator.operateRecorded(1, 0);
                } else {
                    mutator.operate(1);
                }
            });
            if (request.force) {
                forceCollection();
            }
            Clock.sleepUntil(Clock.now() + rest);
            heap.read(0);
            epochs.add(new Epoch(Clock.now(), total(Workload::liveBytes), heap.heapUsed(), heap.heapCommitted()));
        }
        return new Window(begin, Clock.now());
    }

    /**
     * Has each thread hand what it parts with to the next one, which frees it in the coming operation. All threads have met
     * in between, so that what arrives does not depend on scheduling.
     */
    private void exchange() throws InterruptedException {
        all(mutator -> mutator.parcel = mutator.work.handOver());
        for (int t = 0; t < mutators.size(); t++) {
            Mutator mutator = mutators.get(t);
            if (mutator.parcel != null) {
                mutators.get((t + 1) % mutators.size()).work.receive(mutator.parcel);
                mutator.parcel = null;
            }
        }
    }

    private static void forceCollection() {
        System.gc();
    }

    /** Folds the walks over the live sets into the checksums and adds these up. */
    private long verifyAll() throws InterruptedException {
        all(mutator -> mutator.sum = Random.fold(mutator.sum, mutator.work.verify()));
        long checksum = 0;
        for (int t = 0; t < mutators.size(); t++) {
            checksum += Random.mix(mutators.get(t).sum + t);
        }
        return checksum;
    }

    /**
     * Drops the load, asks for the memory back if the request does, and waits under a light load, since an idle runtime may
     * never look at its heap again.
     */
    private void giveBack() throws IOException, InterruptedException {
        final long step = 10_000_000;
        final int portion = 64 << 10;
        all(mutator -> mutator.work.drop());
        long dropped = Clock.now();
        mark("drop", dropped);
        if (request.asks()) {
            System.gc();
        }
        for (long at = dropped; at < dropped + request.returnMs * 1_000_000; at = Clock.now()) {
            byte[] fresh = new byte[portion];
            Workload.touch(fresh, at);
            litter = fresh;
            Clock.sleepUntil(at + step);
        }
        mark("return", Clock.now());
        hold("return");
    }

    /** Has every thread do the phase and waits for the last; throws if one of them found an invariant broken. */
    private void all(Consumer<Mutator> phase) throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(mutators.size());
        for (Mutator mutator : mutators) {
            mutator.phases.put(() -> {
                try {
                    phase.accept(mutator);
                } catch (Workload.Broken e) {
                    mutator.broken = e;
                }
                busy.countDown();
            });
        }
        busy.await();
        for (int t = 0; t < mutators.size(); t++) {
            Workload.Broken broken = mutators.get(t).broken;
            if (broken != null) {
                throw new Workload.Broken("thread " + t + ": " + broken.getMessage());
            }
        }
    }

    private long total(ToLongFunction<Workload> of) {
        return mutators.stream().mapToLong(mutator -> of.applyAsLong(mutator.work)).sum();
    }

    /** What the mutators have allocated, each by its own account: only that is exact to the byte. */
    private long allocated() throws InterruptedException {
        all(mutator -> mutator.allocated = Counters.allocatedHere());
        return mutators.stream().mapToLong(mutator -> mutator.allocated).sum();
    }

    /** Says where the runner stands and waits for the line "go", or for the end of stdin. */
    private void hold(String at) throws IOException {
        print("hold", at);
        out.flush();
        String line = in.readLine();
        if (line != null && !line.strip().equals("go")) {
            throw new Workload.Broken("hold=" + at + ": expected the line go, got \"" + line.strip() + "\"");
        }
    }

    /** Prints a point in time and lets the driver see it at once. */
    private void mark(String name, long at) {
        print("mark." + name, at);
        out.flush();
    }

    void print(String key, Object value) {
        out.print(key + "=" + value + "\n");
    }

    /** Prints what an experiment measured. */
    private void printValues() {
        for (Mutator mutator : mutators) {
            for (Workload.Value value : mutator.work.values()) {
                print("value." + value.name(), Double.isNaN(value.is()) ? "" : value.is());
            }
        }
    }

    /** Prints ratio (alternate=1), response (open loop), service and watcher. */
    private void printHistograms(Watcher watcher) {
        if (request.alternate) {
            print("hist.ratio", Recorder.encode(Recorder.merge(histograms(mutator -> mutator.ratio))));
        }
        if (request.record && request.open) {
            print("hist.response", Recorder.encode(Recorder.merge(histograms(mutator -> mutator.response))));
        }
        if (request.record) {
            print("hist.service", Recorder.encode(Recorder.merge(histograms(mutator -> mutator.service))));
        }
        print("hist.watcher", Recorder.encode(watcher.late));
    }

    /** Prints the slowest requests of the open loop. */
    private void printSlowest() {
        if (request.record && request.open) {
            List<Slowest> parts = mutators.stream().map(mutator -> mutator.slow).toList();
            print("slowest", Slowest.encodeSlowest(Slowest.mergeSlowest(parts)));
        }
    }

    /** Prints how long the blocks of the closed loop took. */
    private void printProgress() {
        if (inBlocks()) {
            List<Progress> parts = mutators.stream().map(mutator -> mutator.progress).toList();
            print("progress", Progress.encodeProgress(parts));
        }
    }

    private List<Histogram> histograms(Function<Mutator, Histogram> of) {
        return mutators.stream().map(of).toList();
    }
}
