package gcrucible.runner;

import org.HdrHistogram.Histogram;

/**
 * No work but the recorder itself: an operation is so many recordings by the functions that the loops use. Its service
 * time divided by their number is what recording one operation costs here.
 */
final class Recording extends Padded implements Workload {
    /**
     * The window that a recording's slices are cut from, in ns: about a second, where the driver's rounds take a tenth of
     * it, so that what is noted is spread over many slices as in an open loop.
     */
    private static final long SPAN = 1 << 30;

    private final String path;
    private final long times;
    Histogram service;
    private Histogram response;
    private Slowest slow;
    volatile long last; // the clock's last reading, published
    private long due; // values that must have been counted

    Recording(Request request, int t) {
        path = request.word("path", "clock", "closed", "open", "waited");
        times = request.param("times", 1, 1 << 30);
    }

    @Override
    public void setup() {
        service = Recorder.newHistogram();
        response = Recorder.newHistogram();
        slow = Slowest.newSlowest(SPAN);
        slow.begin = Clock.now();
    }

    /** Returns how many values it had counted. */
    @Override
    public long operation() {
        return switch (path) {
            case "clock" -> clockReads();
            case "closed" -> closedPath();
            case "open" -> openPath();
            default -> waitedPath();
        };
    }

    /** The floor under all of them: what the clock takes by itself. */
    private long clockReads() {
        long read = 0;
        for (long n = 0; n < times; n++) {
            read = Clock.now();
        }
        last = read;
        return 0;
    }

    /** The closed loop: a clock read and a value. */
    private long closedPath() {
        long last = Clock.now();
        for (long n = 0; n < times; n++) {
            last = Recorder.recordClosed(service, last);
        }
        return counted(times);
    }

    /** The open loop while requests are waiting: a clock read, two values and a note. */
    private long openPath() {
        long intended = Clock.now();
        long start = Clock.now();
        for (long n = 0; n < times; n++) {
            long free = Recorder.recordOpen(response, service, slow, intended, start);
            intended = start; // each is an operation late
            start = free;
        }
        return counted(2 * times);
    }

    /** The open loop where each request was waited for: the read that ends the wait, one more, two values and a note. */
    private long waitedPath() {
        long free = Clock.now();
        for (long n = 0; n < times; n++) {
            free = Recorder.recordOpen(response, service, slow, free, Clock.sleepUntil(free));
        }
        return counted(2 * times);
    }

    private long counted(long values) {
        due += values;
        return values;
    }

    @Override
    public long verify() {
        long counted = service.getTotalCount() + response.getTotalCount();
        if (counted != due) {
            throw new Broken("recording: " + counted + " values counted, " + due + " recorded");
        }
        return counted;
    }

    @Override
    public long liveBytes() {
        return 0;
    }

    @Override
    public long requestedBytes() {
        return 0;
    }
}
