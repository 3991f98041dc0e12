package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class HarnessTest {
    @SuppressWarnings("unused") // named by FieldSource
    static final List<Requests.Variant> VARIANTS = Requests.VARIANTS;

    @Test
    void answerHasEveryKeyInTheOrderOfTheProtocol() {
        Requests.Answer answer = Requests.answer(
                "fragment", "return_ms=30", "ops=3", "warmup_ops=1", "probe_bytes=2097152", "p.give_back=ask");
        List<String> order = new ArrayList<>();
        for (String key : answer.values().keySet()) {
            String group = key.replaceFirst("^(before|after)\\..*", "$1");
            if (order.isEmpty() || !order.get(order.size() - 1).equals(group)) {
                order.add(group);
            }
        }
        assertEquals(
                "protocol runtime version mark.start mark.setup mark.warmup hold.setup mark.begin mark.end hold.end "
                        + "mark.drop mark.return hold.return mark.rest hold.rest ops requested_bytes live_bytes checksum "
                        + "before after rest.heap_used rest.heap_committed ticks epoch probe hist.service hist.watcher done",
                String.join(" ", order));
        assertEquals("java", answer.get("runtime"));
        assertEquals(System.getProperty("java.runtime.version"), answer.get("version"));
        assertEquals(6, answer.number("ops"));
        long last = 0;
        for (String mark : "start setup warmup begin end drop return rest".split(" ")) {
            long at = answer.number("mark." + mark);
            assertTrue(at >= last, "mark." + mark + " goes back in time");
            last = at;
        }
        assertTrue(answer.get("epoch").matches("2(,\\d+){5},"), answer.get("epoch")); // waste is not told
        String[] fields = answer.get("epoch").split(",");
        assertEquals(Long.parseLong(fields[4]), Long.parseLong(fields[3]) + Long.parseLong(fields[5]));
        assertTrue(answer.get("probe").matches("1048576:\\d+;2097152:\\d+"), answer.get("probe"));
    }

    /** More bytes than asked for are allocated, in every workload: no allocation was optimised away. */
    @ParameterizedTest
    @FieldSource("VARIANTS")
    void allocationAccountIsAtLeastWhatWasRequested(Requests.Variant variant) {
        String ops = variant.workload().equals("fragment") ? "ops=20" : "ops=3000"; // enough to be compiled
        Requests.Answer answer = Requests.answer(variant.workload(), variant.change(), ops);
        long allocated = answer.number("after.alloc_bytes") - answer.number("before.alloc_bytes");
        long requested = answer.number("requested_bytes");
        assertTrue(requested > 0 && allocated >= requested, allocated + " allocated, " + requested + " requested");
        long rest = answer.number("rest.heap_used");
        assertTrue(rest >= answer.number("live_bytes") / 2, rest + " at rest, " + answer.get("live_bytes") + " live");
    }

    @ParameterizedTest
    @ValueSource(strings = {"churn", "cache"})
    void checksumDependsNeitherOnTheLoopNorOnRecording(String workload) {
        Requests.Answer closed = Requests.answer(workload);
        Requests.Answer unrecorded = Requests.answer(workload, "record=0");
        Requests.Answer open = Requests.answer(workload, "mode=open", "rate=20000");
        String keys = String.join(" ", open.values().keySet());
        assertTrue(keys.contains("hist.response hist.service hist.watcher"), keys);
        assertFalse(unrecorded.values().containsKey("hist.service"));
        assertFalse(closed.values().containsKey("hist.response"));
        for (String key : "checksum requested_bytes live_bytes ops".split(" ")) {
            assertEquals(closed.get(key), open.get(key));
            assertEquals(closed.get(key), unrecorded.get(key));
        }
    }

    @Test
    void openLoopKeepsToItsRate() {
        Requests.Answer answer = Requests.answer("cache", "mode=open", "rate=4000", "ops=400");
        double seconds = (answer.number("mark.end") - answer.number("mark.begin")) / 1e9;
        assertTrue(seconds > 0.16 && seconds < 0.4, "the window took " + seconds + " s"); // 800 at 4000 a second
    }

    @Test
    void wrongRequestLeavesStdoutEmptyAndSaysOneLine() {
        Requests.Answer answer = Requests.run(Requests.request("churn", "threads=many"));
        assertEquals(Main.REQUEST, answer.code());
        assertEquals("", answer.stdout());
        assertEquals(1, answer.stderr().lines().count());
        assertTrue(answer.stderr().contains("threads"), answer.stderr());
    }

    @Test
    void holdWaitsForGoAndRefusesAnythingElse() {
        Requests.Answer answer = Requests.run(Requests.request("churn") + "go\nstop\n");
        assertEquals(Main.INVARIANT, answer.code());
        assertEquals("hold=end: expected the line go, got \"stop\"", answer.get("error"));
    }

    /** A workload that loses something in an operation or in the last walk. */
    private record Lossy(boolean operating) implements Workload {
        @Override
        public void setup() {}

        @Override
        public long operation() {
            return lose(operating);
        }

        @Override
        public long verify() {
            return lose(!operating);
        }

        private static long lose(boolean now) {
            if (now) {
                throw new Broken("churn: block 7 does not read back");
            }
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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBrokenInvariantIsReportedAsError(boolean operating) {
        String text = Requests.request("churn");
        Workload[] works = Requests.works(text);
        works[1] = new Lossy(operating);
        BufferedReader in = new BufferedReader(new StringReader(""));
        PrintStream out = new PrintStream(OutputStream.nullOutputStream());
        Harness harness = new Harness(Requests.parse(text), works, in, out);
        String error = assertThrows(Workload.Broken.class, harness::execute).getMessage();
        assertEquals("thread 1: churn: block 7 does not read back", error);
    }
}
