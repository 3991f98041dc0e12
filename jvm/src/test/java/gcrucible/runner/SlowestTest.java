package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlowestTest {
    private static final long STALL_NS = 60_000_000;
    private static final int STALLED = 150;

    /** One entry of the line slowest=intended:response;... */
    private record Slow(long intended, long response) {}

    private static List<Slow> slowest(String text) {
        List<Slow> all = new ArrayList<>();
        for (String entry : text.split(";")) {
            String[] fields = entry.split(":");
            assertEquals(2, fields.length, entry);
            all.add(new Slow(Long.parseLong(fields[0]), Long.parseLong(fields[1])));
        }
        return all;
    }

    /** The schedules of two threads, and the shift of their window. */
    private record Schedules(long[] first, long[] second, int shift) {
        static Schedules of(long rate, int ops) {
            long[] first = Schedule.arrivals(42, 0, 2, rate, ops);
            long[] second = Schedule.arrivals(42, 1, 2, rate, ops);
            long last = Math.max(first[ops - 1], second[ops - 1]);
            return new Schedules(first, second, Slowest.newSlowest(last).shift);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 511, 512, 1023, 1024, (1 << 20) - 1, 1 << 20, 5_000_000_000L, 3_600_000_000_000L})
    void theWindowIsCutIntoAPowerOfTwoNsAndAtMost1024Slices(long last) {
        Slowest slowest = Slowest.newSlowest(last);
        long count = (last >> slowest.shift) + 1;
        assertTrue(count <= 1024 && (last < 512 || count > 512), count + " slices");
        // The last slice is there and is the last: what comes after it is kept in it.
        slowest.note(last + 1, 1);
        slowest.note(1L << 60, 2);
        assertEquals((1L << 60) + ":2", Slowest.encodeSlowest(slowest).replaceFirst("^" + (last + 1) + ":1;", ""));
    }

    @Test
    void noteKeepsTheSlowestOfItsSlice() {
        Slowest slowest = Slowest.newSlowest(1 << 19); // slices of 1024 ns
        slowest.begin = 5000;
        slowest.note(5000, 70);
        slowest.note(6023, 90); // the same slice
        slowest.note(6022, 80); // faster
        slowest.note(6024, 10); // the next slice
        slowest.note(5000 + (1 << 19) + 7, 30); // the last slice
        slowest.note(1L << 60, 60); // beyond it
        assertEquals("6023:90;6024:10;1152921504606846976:60", Slowest.encodeSlowest(slowest));
    }

    @Test
    void noteNeverAllocates() {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) { // the first rounds load classes
            Slowest slowest = Slowest.newSlowest(1 << 19);
            long before = Counters.allocatedHere();
            for (long ns = 0; ns < 10_000; ns++) {
                slowest.note(ns * 60, ns);
            }
            least = Math.min(least, Counters.allocatedHere() - before);
        }
        assertEquals(0, least);
    }

    @Test
    void mergingKeepsTheSlowestOfAllThreadsAndLeavesEmptySlicesOut() {
        Slowest a = Slowest.newSlowest(1 << 19);
        Slowest b = Slowest.newSlowest(1 << 19);
        a.begin = 1;
        b.begin = 1;
        assertEquals("", Slowest.encodeSlowest(Slowest.mergeSlowest(List.of(a, b))));
        a.note(10, 500);
        b.note(20, 400);
        a.note(5000, 300);
        b.note(5001, 301);
        b.note(9000, 1);
        assertEquals("10:500;5001:301;9000:1", Slowest.encodeSlowest(Slowest.mergeSlowest(List.of(a, b))));
    }

    @Test
    void theSlowestOfAnOpenLoopIsTheMaximumOfItsHistogramAndEachIsDueInItsSlice() throws Exception {
        Requests.Answer answer = Requests.answer("churn", "mode=open", "rate=20000", "ops=500");
        String keys = String.join(" ", answer.values().keySet());
        assertTrue(keys.contains("hist.watcher slowest done"), keys);
        long begin = answer.number("mark.begin");
        long end = answer.number("mark.end");
        Schedules schedules = Schedules.of(20_000, 500);
        Set<Long> due = new TreeSet<>();
        Set<Long> wanted = new TreeSet<>(); // slices
        for (long[] arrivals : List.of(schedules.first, schedules.second)) {
            for (long offset : arrivals) {
                due.add(begin + offset);
                wanted.add(offset >> schedules.shift);
            }
        }
        List<Long> told = new ArrayList<>();
        long most = 0;
        for (Slow slow : slowest(answer.get("slowest"))) {
            assertTrue(due.contains(slow.intended), slow + " was never due");
            assertTrue(slow.response > 0 && slow.intended + slow.response <= end, slow + " ended after " + end);
            told.add((slow.intended - begin) >> schedules.shift);
            most = Math.max(most, slow.response);
        }
        assertEquals(new ArrayList<>(wanted), told);
        byte[] bytes = Base64.getDecoder().decode(answer.get("hist.response"));
        Histogram response = Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 0);
        assertTrue(
                response.valuesAreEquivalent(most, response.getMaxValue()),
                most + " ns, the histogram's maximum is " + response.getMaxValue());
    }

    @Test
    void onlyARecordedOpenLoopTellsItsSlowest() {
        assertFalse(Requests.answer("churn").values().containsKey("slowest"));
        Requests.Answer unrecorded = Requests.answer("churn", "mode=open", "rate=20000", "record=0");
        assertFalse(unrecorded.values().containsKey("slowest"));
    }

    /** A workload of which one operation takes longer than the others together. */
    private static final class Stalling implements Workload {
        private int operations;

        @Override
        public void setup() {}

        @Override
        public long operation() {
            if (++operations == 5 + STALLED + 1) { // after 5 of warm-up
                Clock.sleepUntil(Clock.now() + STALL_NS);
            }
            return 0;
        }

        @Override
        public long verify() {
            return 0;
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

    @Test
    void aStalledOperationIsTheSlowestOfTheSliceInWhichItWasDue() throws Exception {
        String text = Requests.request("churn", "mode=open", "rate=2000", "ops=300");
        Workload[] works = Requests.works(text);
        works[1] = new Stalling();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8);
        new Harness(Requests.parse(text), works, new BufferedReader(new StringReader("")), out).execute();
        out.flush();
        String[] lines = bytes.toString(StandardCharsets.UTF_8).split("\n");
        long begin = Long.parseLong(valueOf(lines, "mark.begin="));
        Schedules schedules = Schedules.of(2000, 300);
        long slice = schedules.second[STALLED] >> schedules.shift;
        List<Slow> there = slowest(valueOf(lines, "slowest=")).stream()
                .filter(slow -> (slow.intended - begin) >> schedules.shift == slice)
                .toList();
        assertEquals(1, there.size());
        assertTrue(there.get(0).response >= STALL_NS, there.toString());
    }

    private static String valueOf(String[] lines, String key) {
        return Arrays.stream(lines)
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()))
                .findFirst()
                .orElseThrow();
    }
}
