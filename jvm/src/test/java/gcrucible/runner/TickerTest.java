package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TickerTest {
    private static Ticker ofThisThread() {
        return Ticker.newTicker(new long[] {Thread.currentThread().getId()});
    }

    @Test
    void aTickIsNotedWhenItIsDue() {
        Ticker ticker = ofThisThread();
        assertEquals(0, ticker.count());
        ticker.note();
        long due = ticker.due();
        ticker.noteIfDue(due - 1);
        assertEquals(1, ticker.count());
        ticker.noteIfDue(due);
        assertEquals(2, ticker.count());
        long first = ticks(ticker.encodeTicks()).get(0)[0];
        assertEquals(first + Ticker.TICK_EVERY, due);
    }

    @Test
    void theLastPlaceIsKeptForTheEndOfTheWindow() {
        Ticker ticker = ofThisThread();
        ticker.note();
        for (int n = 0; n < 2 * Ticker.MOST_TICKS; n++) {
            ticker.noteIfDue(ticker.due());
        }
        assertEquals(Ticker.MOST_TICKS - 1, ticker.count());
        ticker.note();
        assertEquals(Ticker.MOST_TICKS, ticks(ticker.encodeTicks()).size());
    }

    @Test
    void aTickSeesWhatItsThreadsAllocate() {
        Ticker ticker = ofThisThread();
        ticker.note();
        byte[] block = new byte[1 << 20];
        ticker.note();
        List<long[]> told = ticks(ticker.encodeTicks());
        assertTrue(told.get(1)[2] - told.get(0)[2] >= block.length, ticker.encodeTicks());
    }

    /** The line ticks=at:cpu:allocated:used;... */
    private static List<long[]> ticks(String line) {
        return Arrays.stream(line.split(";"))
                .map(tick -> Arrays.stream(tick.split(":")).mapToLong(Long::parseLong).toArray())
                .toList();
    }

    @Test
    void ticksSpanTheWindowAndAddUpToItsAccounts() {
        Requests.Answer answer = Requests.answer("churn", "ops=3000");
        List<long[]> ticks = ticks(answer.get("ticks"));
        long[] first = ticks.get(0);
        long[] last = ticks.get(ticks.size() - 1);
        assertTrue(first[0] <= answer.number("mark.begin") && last[0] >= answer.number("mark.end"), answer.get("ticks"));
        long account = answer.number("after.alloc_bytes") - answer.number("before.alloc_bytes");
        long little = 64 << 10; // what the threads allocate to wait for the harness
        assertTrue(Math.abs(last[2] - first[2] - account) <= little, answer.get("ticks") + " of " + account);
        assertTrue(last[3] >= answer.number("live_bytes") / 2, answer.get("ticks"));
    }

    @Test
    void aWindowOfTwoSecondsHasTicksInside() {
        Requests.Answer answer = Requests.answer("cache", "mode=open", "rate=200", "ops=250");
        List<long[]> ticks = ticks(answer.get("ticks"));
        assertTrue(ticks.size() >= 4, answer.get("ticks"));
        for (int i = 1; i < ticks.size(); i++) {
            for (int figure = 0; figure < 3; figure++) {
                assertTrue(ticks.get(i)[figure] >= ticks.get(i - 1)[figure], answer.get("ticks"));
            }
        }
    }
}
