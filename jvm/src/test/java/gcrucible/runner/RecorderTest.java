package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class RecorderTest {
    @Test
    void mergeAddsUpAndEncodingRoundTrips() throws Exception {
        Histogram a = Recorder.newHistogram();
        Histogram b = Recorder.newHistogram();
        for (long i = 1; i <= 1000; i++) {
            Recorder.record(a, i);
            Recorder.record(b, 1_000_000 * i);
        }
        Histogram whole = Recorder.merge(List.of(a, b));
        byte[] bytes = Base64.getDecoder().decode(Recorder.encode(whole));
        Histogram back = Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 0);
        for (Histogram histogram : List.of(whole, back)) {
            assertEquals(2000, histogram.getTotalCount());
            assertEquals(1000, histogram.getValueAtPercentile(50));
            assertEquals(1, histogram.getMinNonZeroValue());
            assertTrue(histogram.valuesAreEquivalent(1_000_000_000, histogram.getMaxValue()));
        }
    }

    @Test
    void recordKeepsValuesOutOfRange() {
        Histogram histogram = Recorder.newHistogram();
        long longest = 3_600_000_000_000L;
        for (long ns : new long[] {-5, 0, 1, 77_777, longest, 1L << 62}) {
            Recorder.record(histogram, ns);
        }
        assertEquals(6, histogram.getTotalCount());
        assertEquals(3, histogram.getCountAtValue(1));
        assertTrue(histogram.valuesAreEquivalent(longest, histogram.getMaxValue()));
    }

    @Test
    void recordNeverAllocates() {
        Histogram histogram = Recorder.newHistogram();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) { // the first rounds load classes
            long before = Counters.allocatedHere();
            for (long ns = 0; ns < 10_000; ns++) {
                Recorder.record(histogram, ns * ns * 1000);
            }
            least = Math.min(least, Counters.allocatedHere() - before);
        }
        assertEquals(0, least);
    }
}
