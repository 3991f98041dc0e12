package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Requests small enough for a test, and their answers. */
final class Requests {
    private static final String HEAD = "protocol=1 mode=closed threads=2 seed=42 warmup_ops=5 ops=20";

    private static final Map<String, String> PARAMETERS = Map.ofEntries(
            Map.entry("churn", "p.live_bytes=4194304 p.size_min=32 p.size_max=512 p.pointers=4 p.blocks_per_op=8 "
                    + "p.young_slots=64 p.survival_permille=100 p.lifetime=random"),
            Map.entry("graph", "p.live_bytes=262144 p.walk_steps=16 p.mutations=4 p.replacements=8"),
            Map.entry("slices", "p.live_bytes=4194304 p.layout=pointers p.updates=64"),
            Map.entry("cache", "p.live_bytes=4194304 p.value_min=128 p.value_max=512 p.update_permille=100 "
                    + "p.requests_per_op=2 p.eviction=oldest"),
            Map.entry("trees", "p.live_bytes=4194304 p.depth=8 p.retain_permille=300"),
            Map.entry("fragment", "p.live_bytes=1048576 p.size_base=64 p.size_limit=1024 p.shape=growing p.keep_permille=50 "
                    + "p.garbage_percent=50 p.layout=random p.contents=bytes p.handoff=0 p.give_back=wait"),
            Map.entry("stacks", "p.live_bytes=4194304 p.sleepers=21 p.depth=8 p.kind=platform p.piece_bytes=256 p.pieces_per_op=8 "
                    + "p.young_slots=64 p.wake_every=4"),
            Map.entry("recording", "p.path=closed p.times=100"),
            Map.entry("pooling", "p.live_bytes=1048576 p.kind=fresh p.buffer_bytes=4096 p.calls_per_op=8"),
            Map.entry("objects", "p.live_bytes=1048576 p.kind=values2"),
            Map.entry("maps", "p.live_bytes=1048576"),
            Map.entry("finalizers", "p.live_bytes=1048576 p.kind=alone p.opened=10 p.closed=7"),
            Map.entry("stores", "p.live_bytes=1048576 p.collecting=idle p.stores_per_op=256"));

    /** A workload and the change to its parameters under which it is tested. */
    record Variant(String workload, String change) {}

    private static final List<Variant> EVERYWHERE = List.of(
            new Variant("churn", "p.lifetime=random"),
            new Variant("churn", "p.lifetime=oldest"),
            new Variant("churn", "p.pointers=0"),
            new Variant("graph", "p.mutations=4"),
            new Variant("slices", "p.layout=pointers"),
            new Variant("slices", "p.layout=values"),
            new Variant("cache", "p.eviction=oldest"),
            new Variant("cache", "p.eviction=random"),
            new Variant("trees", "p.retain_permille=300"),
            new Variant("fragment", "p.shape=growing"),
            new Variant("fragment", "p.shape=shrinking"),
            new Variant("fragment", "p.shape=mixed"),
            new Variant("fragment", "p.layout=stripes"),
            new Variant("fragment", "p.contents=pointers"),
            new Variant("stacks", "p.kind=platform"),
            new Variant("pooling", "p.kind=fresh"));

    /** Those that this JDK can do. */
    static final List<Variant> VARIANTS = Stream.concat(
                    EVERYWHERE.stream(), Stream.of(new Variant("stacks", "p.kind=light")).filter(v -> Threads.hasVirtual()))
            .toList();

    /** What the runner said: the last value of each key, in the order in which the keys came. */
    record Answer(int code, Map<String, String> values, String stdout, String stderr) {
        String get(String key) {
            return values.get(key);
        }

        long number(String key) {
            return Long.parseUnsignedLong(values.get(key));
        }
    }

    private Requests() {}

    /** A request for a workload in which changes (key=value, or key= to leave it out) have been made. */
    static String request(String workload, String... changes) {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("workload", workload);
        for (String line : (HEAD + " " + PARAMETERS.get(workload)).split(" ")) {
            lines.put(line.split("=")[0], line.split("=")[1]);
        }
        for (String change : changes) {
            String[] parts = change.split("=", 2);
            if (parts[1].isEmpty()) {
                lines.remove(parts[0]);
            } else {
                lines.put(parts[0], parts[1]);
            }
        }
        StringBuilder text = new StringBuilder();
        lines.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        return text.append("run\n").toString();
    }

    static Request parse(String text) {
        try {
            return Request.parse(new BufferedReader(new StringReader(text)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The workloads of a request, one a thread. */
    static Workload[] works(String text) {
        return Registry.construct(parse(text));
    }

    /** The first thread's workload with its live set built. */
    static Workload prepared(String workload, String... changes) {
        Workload first = works(request(workload, changes))[0];
        first.setup();
        return first;
    }

    /** The answer to a request, whatever it is. */
    static Answer run(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        String stdout = out.toString(StandardCharsets.UTF_8);
        Map<String, String> values = new LinkedHashMap<>();
        for (String line : stdout.lines().toList()) {
            String[] parts = line.split("=", 2);
            assertEquals(2, parts.length, line);
            values.put(parts[0].equals("hold") ? "hold." + parts[1] : parts[0], parts[1]);
        }
        return new Answer(code, values, stdout, err.toString(StandardCharsets.UTF_8));
    }

    /** The answer to a request that must succeed. */
    static Answer answer(String workload, String... changes) {
        Answer answer = run(request(workload, changes));
        assertEquals(Main.DONE, answer.code, answer.stdout + answer.stderr);
        assertTrue(answer.stderr.isEmpty(), answer.stderr);
        return answer;
    }
}
