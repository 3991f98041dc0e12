package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestTest {
    @Test
    void requestIsReadInFull() {
        String text = Requests.request("churn", "mode=open", "rate=1000", "record=0", "seed=18446744073709551615");
        Request request = Requests.parse(text);
        assertTrue(request.open);
        assertFalse(request.record);
        assertEquals(2, request.threads);
        assertEquals(-1L, request.seed); // 2^64 - 1
        assertEquals(5, request.warmupOps);
        assertEquals(20, request.ops);
        assertEquals(1000, request.rate);
        assertEquals(2, Requests.works(text).length);
    }

    @ParameterizedTest
    @CsvSource({
        "churn, protocol=2, protocol",
        "churn, protocol=, protocol",
        "churn, workload=chrun, workload",
        "churn, mode=ajar, mode",
        "churn, mode=open, rate", // open without rate
        "churn, rate=5, rate", // a rate in closed loop
        "churn, threads=0, threads",
        "churn, threads=257, threads",
        "churn, threads=+2, threads",
        "churn, seed=-1, seed",
        "churn, seed=18446744073709551616, seed",
        "churn, ops=0, ops",
        "churn, ops=1e5, ops",
        "churn, warmup_ops=, warmup_ops",
        "churn, record=3, record",
        "churn, mode=open;rate=5;record=2, record",
        "churn, alternate=2, alternate",
        "churn, drag_permille=10001, drag_permille",
        "churn, mode=open;rate=5;drag_permille=50, drag_permille",
        "churn, record=2;drag_permille=50, drag_permille",
        "churn, alternate=1;drag_permille=50, drag_permille",
        "fragment, drag_permille=50, drag_permille",
        "churn, mode=open;rate=5;alternate=1, alternate",
        "recording, p.path=ajar, p.path",
        "recording, p.times=0, p.times",
        "churn, return_ms=10, return_ms",
        "churn, force=0, force",
        "churn, probe_bytes=1048576, probe_bytes",
        "fragment, force=2, force",
        "fragment, probe_bytes=1073741825, probe_bytes",
        "churn, colour=red, colour",
        "churn, p.colour=red, p.colour",
        "churn, p.live_bytes=, p.live_bytes",
        "churn, p.live_bytes=12, p.live_bytes",
        "churn, p.size_max=8, p.size_max", // below size_min
        "churn, p.survival_permille=1001, p.survival_permille",
        "churn, p.lifetime=long, p.lifetime",
        "graph, mode=open;rate=1, mode", // closed loop only
        "graph, p.walk_steps=many, p.walk_steps",
        "graph, p.live_bytes=17592186044416, p.live_bytes", // more nodes than an array holds
        "slices, p.layout=rows, p.layout",
        "cache, p.eviction=newest, p.eviction",
        "trees, p.depth=60, p.depth",
        "fragment, p.size_limit=65, p.size_limit", // no room for one class
        "fragment, p.contents=pointers;p.size_base=4, p.size_base", // nor for one reference
        "fragment, p.contents=words, p.contents",
        "fragment, p.layout=rows, p.layout",
        "fragment, p.handoff=2, p.handoff",
        "fragment, p.give_back=never, p.give_back",
        "fragment, p.handoff=, p.handoff",
        "stacks, p.sleepers=1, p.sleepers", // fewer than mutators
        "stacks, p.depth=1001, p.depth",
        "stacks, p.kind=heavy, p.kind",
        "stacks, p.live_bytes=65536, p.live_bytes" // no piece for each frame
    })
    void wrongRequestNamesTheKey(String workload, String changes, String key) {
        String text = Requests.request(workload, changes.split(";"));
        String complaint = assertThrows(Request.Wrong.class, () -> Requests.works(text)).getMessage();
        assertTrue(complaint.startsWith(key + ": "), complaint);
        assertFalse(complaint.contains("\n"), complaint);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'run: '",
        "'protocol=1;', 'run: '",
        "'protocol=1;protocol=1;run;', 'protocol: given twice'",
        "'protocol=1;threads;run;', 'threads: not key=value'",
        "'protocol=1;workload=;run;', 'workload: has no value'",
        "'protocol=1;workload=churn;run', 'mode: '" // the last line need not be ended
    })
    void malformedLinesAreErrors(String lines, String want) {
        String text = lines.replace(';', '\n');
        String complaint = assertThrows(Request.Wrong.class, () -> Requests.works(text)).getMessage();
        assertTrue(complaint.startsWith(want), complaint);
    }
}
