package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadTest {
    @SuppressWarnings("unused") // named by FieldSource
    static final List<Requests.Variant> VARIANTS = Requests.VARIANTS;

    /** The checksum after some operations, the live set included. */
    private static long outcome(Workload work) {
        long sum = 0;
        for (int n = 0; n < 12; n++) {
            sum = Random.fold(sum, work.operation());
        }
        return Random.fold(sum, work.verify());
    }

    @ParameterizedTest
    @FieldSource("VARIANTS")
    void workloadsRepeatForASeedAndDifferForAnother(Requests.Variant variant) {
        Workload first = Requests.prepared(variant.workload(), variant.change());
        Workload second = Requests.prepared(variant.workload(), variant.change());
        long one = outcome(first);
        assertEquals(one, outcome(second));
        assertEquals(first.requestedBytes(), second.requestedBytes());
        assertEquals(first.liveBytes(), second.liveBytes());
        assertNotEquals(one, outcome(Requests.prepared(variant.workload(), variant.change(), "seed=43")));
    }

    @ParameterizedTest
    @FieldSource("VARIANTS")
    void liveBytesAreWithinTwoPercentOfWhatWasAsked(Requests.Variant variant) {
        Workload work = Requests.prepared(variant.workload(), variant.change(), "p.live_bytes=16777216");
        for (int n = 0; n < 12; n++) {
            assertEquals(1.0, work.liveBytes() / (16777216 / 2.0), 0.02);
            work.operation();
        }
    }

    /** liveBytes is counted on the way; here it is counted over. */
    @ParameterizedTest
    @FieldSource("VARIANTS")
    void liveBytesAreWhatTheWorkloadHolds(Requests.Variant variant) {
        Workload work = Requests.prepared(variant.workload(), variant.change());
        outcome(work);
        assertEquals(held(work), work.liveBytes());
        assertTrue(work.requestedBytes() >= work.liveBytes() / 2);
    }

    private static long held(Workload work) {
        if (work instanceof Churn churn) {
            return Stream.of(churn.ring, churn.table)
                    .flatMap(Stream::of)
                    .mapToLong(block -> 8 + block.data.length + 24L * block.leaves.length)
                    .sum();
        }
        if (work instanceof Cache cache) {
            return cache.sessions.entrySet().stream()
                    .mapToLong(entry -> entry.getKey().length() + entry.getValue().value.length + 16)
                    .sum();
        }
        if (work instanceof Fragment fragment) {
            return Stream.of(fragment.blocks)
                    .limit(fragment.count)
                    .mapToLong(block -> block instanceof Block.Knot knot
                            ? 8 + 8L * knot.refs.length
                            : 8 + ((Block.Cell) block).data.length)
                    .sum();
        }
        return work.liveBytes(); // of a fixed number of objects of one size
    }

    @Test
    void aLostOrDamagedSurvivorIsFound() {
        Map<String, Consumer<Workload>> damages = Map.of(
                "churn", work -> ((Churn) work).table[3].data[0] ^= 1,
                "graph", work -> ((Graph) work).table[0].out(1, ((Graph) work).table[0].out(2)),
                "slices", work -> ((Slices.Pointers) work).chunks[2][1000].b++,
                "cache", work -> ((Cache) work).sessions.remove(((Cache) work).ring[7]),
                "trees", work -> ((Trees) work).forest[1] = ((Trees) work).forest[1].left,
                "fragment", work -> ((Block.Cell) ((Fragment) work).blocks[5]).data[0] ^= 1,
                "stacks", work -> ((Stacks) work).ring[5].data[0] ^= 1);
        damages.forEach((name, damage) -> {
            Workload work = Requests.prepared(name);
            damage.accept(work);
            String error = assertThrows(Workload.Broken.class, work::verify).getMessage();
            assertTrue(error.startsWith(name + ": "), error);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"65536", "2097152"}) // of the few nodes many point at themselves
    void graphKeepsItsEdgesThroughReplacements(String bytes) {
        String live = "p.live_bytes=" + bytes;
        Graph graph = (Graph) Requests.prepared("graph", live, "p.replacements=50", "p.mutations=50");
        int selves = 0;
        for (int n = 0; n < 200; n++) {
            graph.operation();
            for (Graph.Node node : graph.table) {
                for (int k = 0; k < 4; k++) {
                    selves += node.out(k) == node ? 1 : 0;
                }
            }
        }
        graph.verify();
        assertTrue(selves > 0);
    }

    @Test
    void churnSurvivorsLiveUntilTheyAreDisplaced() {
        Churn churn = (Churn) Requests.prepared("churn", "p.lifetime=oldest", "p.survival_permille=1000");
        Churn.Block second = churn.table[churn.blocksPerOp];
        Churn.Block ring = churn.ring[0];
        churn.operation();
        assertSame(second, churn.table[churn.blocksPerOp]);
        assertSame(ring, churn.ring[0]);
        churn.operation();
        assertNotSame(second, churn.table[churn.blocksPerOp]);
    }

    @Test
    void cacheTextsAreWellFormed() {
        Cache cache = (Cache) Requests.prepared("cache");
        Text made = cache.makeRequest();
        String request = made.cut(0, made.length);
        assertTrue(request.matches("GET /session:\\d{12}\\?n=\\d{1,2}&trace=[0-9a-f]{16}"), request);
        cache.operation();
        Cache.Query query = cache.query;
        assertEquals("/" + query.key(), query.path());
        assertEquals(Cache.KEY_BYTES, query.key().length());
        assertEquals(List.of("n", "trace"), query.params().stream().map(Cache.Param::name).toList());
        String reply = cache.reply.cut(0, cache.reply.length);
        String[] halves = reply.split("\r\n\r\n", 2);
        int shown = Math.min(Cache.REPLY_VALUE, cache.sessions.get(query.key()).value.length);
        assertTrue(halves[0].startsWith("HTTP/1.1 20") && halves[0].contains(query.key()), reply);
        assertEquals(2 * shown, halves[1].length());
    }
}
