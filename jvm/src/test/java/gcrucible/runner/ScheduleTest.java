package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void arrivalsAreAPoissonProcessOfTheAskedRate() {
        int n = 200_000;
        long[] offsets = Schedule.arrivals(42, 1, 4, 20_000, n);
        double want = 1e9 * 4 / 20_000;
        assertTrue(offsets[0] >= 0);
        assertEquals(1.0, offsets[n - 1] / want / n, 0.01);
        // Of an exponential distribution, 1/e of the gaps are longer than the mean.
        int longer = 0;
        for (int i = 1; i < n; i++) {
            long gap = offsets[i] - offsets[i - 1];
            assertTrue(gap >= 0, "arrivals go back in time");
            longer += gap > want ? 1 : 0;
        }
        assertEquals(1 / Math.E, (double) longer / n, 0.01);
    }

    @Test
    void arrivalsGoldenValuesAndThreadsDiffer() {
        long[] first = Schedule.arrivals(42, 0, 2, 20_000, 3);
        assertArrayEquals(new long[] {225157, 377811, 444059}, first);
        assertFalse(Arrays.equals(first, Schedule.arrivals(42, 1, 2, 20_000, 3)));
    }

    @Test
    void sleepUntilIsNeverEarlyAndSeldomLate() {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long due = Clock.now() + 300_000;
            long late = Clock.sleepUntil(due) - due;
            assertTrue(late >= 0, "woke early");
            best = Math.min(best, late);
        }
        assertTrue(best < 600_000, "woke " + best + " ns late at best"); // a timer of 1 ms grain would wake 700 us late
    }

    /** The kernel prints its uptime, in hundredths of a second; it differs by the time a machine was suspended. */
    @Test
    void nowIsTheKernelsMonotonicClock() throws Exception {
        long before = Clock.now();
        String uptime = Files.readString(Path.of("/proc/uptime")).split(" ")[0];
        long after = Clock.now();
        double seconds = Double.parseDouble(uptime);
        assertTrue(before / 1e9 - 0.02 < seconds && seconds < after / 1e9 + 0.02, uptime + " s up, " + before + " ns");
    }
}
