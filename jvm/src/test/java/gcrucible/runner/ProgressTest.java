package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 255, 256, 257, 1000, 65_537, 2_000_000_000})
    void aThreadHas256BlocksAtMostAndTheyHoldAllOperations(long ops) {
        for (long skip : new long[] {0, Harness.OF_EACH - Harness.IN_A_ROW}) {
            Progress progress = Progress.newProgress(ops, skip);
            long blocks = progress.durations.length;
            assertTrue(blocks <= Progress.MOST_BLOCKS, blocks + " blocks");
            assertTrue(blocks * progress.block >= ops && (blocks - 1) * progress.block < ops);
            assertTrue(skip == 0 || progress.block % Harness.OF_EACH == 0, "a block cuts a row");
        }
        assertEquals(0, Progress.newProgress(0, 0).durations.length);
    }

    @Test
    void progressIsEncodedThreadByThread() {
        Progress one = new Progress(7, new long[] {100, 200, 30});
        Progress two = new Progress(7, new long[] {110, 190, 25});
        assertEquals("7:100,200,30;110,190,25", Progress.encodeProgress(List.of(one, two)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"record=1", "record=2"})
    void theBlocksOfAClosedLoopFillItsWindow(String record) {
        Requests.Answer answer = Requests.answer("churn", "ops=5000", record);
        String keys = String.join(" ", answer.values().keySet());
        assertTrue(keys.endsWith("hist.watcher progress done"), keys);
        String[] parts = answer.get("progress").split("[:;]");
        assertEquals(record.equals("record=1") ? 20 : 32, Long.parseLong(parts[0]));
        assertEquals(1 + 2, parts.length);
        long window = answer.number("mark.end") - answer.number("mark.begin");
        for (String thread : Arrays.copyOfRange(parts, 1, parts.length)) {
            long[] durations = Arrays.stream(thread.split(",")).mapToLong(Long::parseLong).toArray();
            long sum = Arrays.stream(durations).sum();
            assertEquals(record.equals("record=1") ? 250 : 157, durations.length);
            assertTrue(sum > 0 && sum <= window, sum + " ns in a window of " + window + " ns");
        }
    }

    @Test
    void onlyARecordedClosedLoopTellsItsProgress() {
        List<Requests.Answer> answers = List.of(
                Requests.answer("churn", "mode=open", "rate=20000"),
                Requests.answer("cache", "record=0"),
                Requests.answer("graph", "alternate=1", "ops=512"),
                Requests.answer("fragment"));
        for (Requests.Answer answer : answers) {
            assertFalse(answer.values().containsKey("progress"), answer.stdout());
        }
    }

    @Test
    void checksumsDoNotDependOnTheBlocks() {
        Requests.Answer blocks = Requests.answer("cache", "ops=700", "record=2");
        Requests.Answer none = Requests.answer("cache", "ops=700", "record=0");
        assertEquals(none.get("checksum"), blocks.get("checksum"));
        assertEquals(none.get("ops"), blocks.get("ops"));
    }
}
