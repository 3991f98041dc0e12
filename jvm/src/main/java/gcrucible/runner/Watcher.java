package gcrucible.runner;

import java.util.concurrent.CountDownLatch;
import org.HdrHistogram.Histogram;

/**
 * A thread that asks to sleep for 1 ms again and again and records how much later than asked it runs: what it feels,
 * every thread of the process may feel. Awake once a second it has the ticker look, which is in no gap.
 */
final class Watcher {
    private static final long SLEEP_NS = 1_000_000;

    final Histogram late = Recorder.newHistogram();
    private final Ticker ticker;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final Thread thread = new Thread(this::watch, "watcher");
    private volatile boolean stopped;

    Watcher(Ticker ticker) {
        this.ticker = ticker;
        thread.setDaemon(true);
    }

    void start() throws InterruptedException {
        thread.start();
        ready.await();
    }

    private void watch() {
        ready.countDown();
        while (!stopped) {
            long due = Clock.now() + SLEEP_NS;
            long woke = Clock.sleepUntil(due);
            Recorder.record(late, woke - due);
            ticker.noteIfDue(woke);
        }
    }

    void stop() throws InterruptedException {
        stopped = true;
        thread.join();
    }
}
