package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordingTest {
    /** How many values a histogram of the answer holds. */
    private static long counted(Requests.Answer answer, String name) throws DataFormatException {
        byte[] bytes = Base64.getDecoder().decode(answer.get("hist." + name));
        return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 0)
                .getTotalCount();
    }

    /** The checksum folds how many values were counted, so it is the same in every language. */
    @ParameterizedTest
    @CsvSource({"clock, 5692161d100b05e5", "closed, 1c7d41d9b0d4d943", "open, 1efb2a22f48031bb", "waited, 1efb2a22f48031bb"})
    void everyPathOfTheRecorderCountsWhatItTimes(String path, String checksum) throws DataFormatException {
        Requests.Answer answer = Requests.answer("recording", "p.path=" + path);
        assertEquals(checksum, answer.get("checksum"));
        assertEquals(40, counted(answer, "service"));
    }

    @Test
    void aValueThatTheRecorderLosesIsFound() {
        Recording recording = (Recording) Requests.prepared("recording");
        recording.operation();
        recording.verify();
        recording.service.reset();
        String complaint =
                assertThrows(Workload.Broken.class, recording::verify).getMessage();
        assertEquals("recording: 0 values counted, 100 recorded", complaint);
    }

    @Test
    void recordTwoRecordsFourOfEachSixteen() throws DataFormatException {
        Requests.Answer all = Requests.answer("churn", "ops=40");
        Requests.Answer some = Requests.answer("churn", "ops=40", "record=2");
        assertEquals(2 * 40, counted(all, "service"));
        assertEquals(2 * (4 + 4 + 4), counted(some, "service"));
        assertEquals(all.get("checksum"), some.get("checksum"));
        assertEquals(80, some.number("ops"));
    }

    /** Spinning changes no result, and every operation is recorded. */
    @Test
    void aDraggedRunIsTheSameWorkAndRecordsAllOfIt() throws DataFormatException {
        Requests.Answer plain = Requests.answer("churn", "ops=40");
        Requests.Answer dragged = Requests.answer("churn", "ops=40", "drag_permille=500");
        assertEquals(plain.get("checksum"), dragged.get("checksum"));
        assertEquals(2 * 40, counted(dragged, "service"));
    }

    @ParameterizedTest
    @CsvSource({"1, 128", "2, 32"})
    void alternateRecordsTwoOfFourStretchesAndKeepsTheirRatio(String record, long recorded) throws DataFormatException {
        Requests.Answer plain = Requests.answer("churn", "ops=300", "record=0");
        Requests.Answer answer = Requests.answer("churn", "ops=300", "alternate=1", "record=" + record);
        String keys = String.join(" ", answer.values().keySet());
        assertTrue(keys.contains("hist.ratio hist.service hist.watcher"), keys);
        assertEquals(2, counted(answer, "ratio"));
        assertEquals(2 * recorded, counted(answer, "service"));
        assertEquals(plain.get("checksum"), answer.get("checksum"));
    }
}
