package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FragmentTest {
    private static Fragment prepared(String... changes) {
        return (Fragment) Requests.prepared("fragment", changes);
    }

    /** The fragment of every thread with its live set built. */
    private static Fragment[] all(String... changes) {
        Workload[] works = Requests.works(Requests.request("fragment", changes));
        Stream.of(works).forEach(Workload::setup);
        return Stream.of(works).map(Fragment.class::cast).toArray(Fragment[]::new);
    }

    private static byte[] data(Block block) {
        return ((Block.Cell) block).data;
    }

    @ParameterizedTest
    @CsvSource({"growing, 64 96 144 216 324 486 64", "shrinking, 486 324 216 144 96 64 486"})
    void sizesFollowTheShape(String shape, String classes) {
        Fragment fragment = prepared("p.shape=" + shape, "p.keep_permille=0");
        for (String text : classes.split(" ")) {
            int lo = Integer.parseInt(text);
            for (int i = 0; i < fragment.count; i++) {
                int size = data(fragment.blocks[i]).length;
                assertTrue(size >= lo && size < lo + lo / 2, "size " + size + ", class " + lo);
            }
            fragment.operation();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"random", "stripes"})
    void aFewAreKeptAndNineTenthsAreDropped(String layout) {
        Fragment fragment = prepared("p.layout=" + layout);
        int count = fragment.count;
        fragment.thin(50);
        assertEquals(0.05, (double) fragment.count / count, 0.01);
        assertNull(fragment.blocks[fragment.count]);
        fragment.refill();
        long full = fragment.liveBytes();
        fragment.drop();
        assertEquals(0.1, (double) fragment.liveBytes() / full, 0.02);
        fragment.verify();
    }

    /** Without garbage in between, neighbours in the order of allocation have ids that follow each other. */
    @ParameterizedTest
    @CsvSource({"10, 6400", "50, 1280", "100, 640", "400, 160"})
    void stripesAreNeighboursThatSurviveTogether(int keep, long apart) {
        Fragment fragment = prepared("p.layout=stripes", "p.garbage_percent=0", "p.live_bytes=4194304");
        int count = fragment.count;
        fragment.thin(keep);
        List<long[]> stripes = new ArrayList<>(); // the first id of each, and how many follow each other
        for (int i = 0; i < fragment.count; i++) {
            long id = fragment.blocks[i].id();
            if (i == 0 || id != fragment.blocks[i - 1].id() + 1) {
                stripes.add(new long[] {id, 0});
            }
            stripes.get(stripes.size() - 1)[1]++;
        }
        assertTrue(stripes.size() >= 3);
        for (int i = 1; i < stripes.size() - 1; i++) { // the first and the last may be cut by the ends of the table
            assertEquals(Fragment.STRIPE, stripes.get(i)[1]);
            assertEquals(apart, stripes.get(i + 1)[0] - stripes.get(i)[0]);
        }
        assertEquals(count * keep / 1000.0, fragment.count, Fragment.STRIPE);
    }

    @Test
    void stripesOfNoneKeepNone() {
        Fragment fragment = prepared("p.layout=stripes");
        fragment.thin(0);
        assertEquals(0, fragment.count);
        assertEquals(0, fragment.liveBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"random", "stripes"})
    void everySurvivorIsReadBackInEveryEpoch(String layout) {
        Fragment fragment = prepared("p.layout=" + layout);
        fragment.operation();
        long newest = fragment.blocks[fragment.count - 1].id();
        fragment.operation();
        Block oldest = fragment.blocks[0]; // the ranks are in order of allocation
        assertTrue(oldest.id() <= newest, "block " + oldest.id() + " is no survivor");
        byte[] data = data(oldest);
        data[data.length - 1] ^= 1;
        String error = assertThrows(Workload.Broken.class, fragment::verify).getMessage();
        assertEquals("fragment: block " + oldest.id() + " does not read back", error);
    }

    @Test
    void knotsHoldReferencesThatAreFollowed() {
        Fragment fragment = prepared("p.contents=pointers");
        for (int i = 0; i < fragment.count; i++) {
            Block.Knot knot = (Block.Knot) fragment.blocks[i];
            int n = knot.refs.length;
            assertTrue(n >= 64 / 8 && n < 96 / 8, n + " references");
            assertEquals(8 + 8 * n, knot.payload());
            assertEquals(8 + 4 * n, knot.requested());
        }
        Block.Knot knot = (Block.Knot) fragment.blocks[7];
        knot.refs[2] = knot.refs[3]; // another one that is alive
        assertThrows(Workload.Broken.class, knot::readBack);
        String error = assertThrows(Workload.Broken.class, fragment::verify).getMessage();
        assertEquals("fragment: block " + knot.id + " does not read back", error);
    }

    @Test
    void whatIsHandedOverIsFreedByTheNextThread() {
        Fragment[] works = all("p.handoff=1", "threads=3");
        for (int epoch = 0; epoch < 4; epoch++) {
            List<Fragment.Parcel> parcels = new ArrayList<>();
            for (Fragment work : works) {
                int before = work.count;
                Fragment.Parcel parcel = (Fragment.Parcel) work.handOver();
                assertTrue(parcel.count > 0);
                assertEquals(before, parcel.count + work.count);
                parcels.add(parcel);
            }
            for (int t = 0; t < works.length; t++) {
                works[(t + 1) % works.length].receive(parcels.get(t));
            }
            for (Fragment work : works) {
                work.operation();
            }
            for (int t = 0; t < works.length; t++) {
                Fragment next = works[(t + 1) % works.length];
                assertNull(next.arrived);
                assertEquals(parcels.get(t), next.leaving, "the table goes round");
                assertArrayEquals(new Block[next.blocks.length], next.leaving.blocks, "all were let go of");
            }
        }
    }

    @Test
    void aBlockDamagedOnItsWayIsFound() {
        Fragment[] works = all("p.handoff=1");
        Fragment.Parcel parcel = (Fragment.Parcel) works[0].handOver();
        data(parcel.blocks[3])[0] ^= 1;
        works[1].receive(parcel);
        String error = assertThrows(Workload.Broken.class, works[1]::operation).getMessage();
        assertEquals("fragment: block " + parcel.blocks[3].id() + " does not read back", error);
    }

    /** One generator decides who survives and what is allocated, whoever frees the rest. */
    @ParameterizedTest
    @ValueSource(strings = {"threads=1", "threads=2"})
    void handingOverIsTheSameWorkButForWhoReads(String threads) {
        Requests.Answer own = Requests.answer("fragment", threads);
        Requests.Answer first = Requests.answer("fragment", threads, "p.handoff=1");
        Requests.Answer again = Requests.answer("fragment", threads, "p.handoff=1");
        for (String key : "live_bytes requested_bytes".split(" ")) {
            assertEquals(own.get(key), first.get(key));
        }
        assertNotEquals(own.get("checksum"), first.get("checksum"));
        assertEquals(first.get("checksum"), again.get("checksum"));
    }

    @Test
    void largeBlocksFitASmallShare() {
        String[] sizes = {"p.size_base=65536", "p.size_limit=8388608", "p.shape=mixed", "p.live_bytes=67108864"};
        Fragment fragment = prepared(sizes);
        int largest = 0;
        for (int n = 0; n < 6; n++) {
            fragment.operation();
            for (int i = 0; i < fragment.count; i++) {
                largest = Math.max(largest, data(fragment.blocks[i]).length);
            }
            long over = fragment.liveBytes() - 33_554_432;
            assertTrue(over >= 0 && over < 8_388_608, over + " bytes over the share");
        }
        fragment.verify();
        assertTrue(largest >= 4 << 20, "the largest had " + largest + " bytes");
    }

    @Test
    void forcingChangesNothingOfTheWork() {
        Requests.Answer forced = Requests.answer("fragment");
        Requests.Answer unforced = Requests.answer("fragment", "force=0");
        for (String key : "checksum live_bytes requested_bytes".split(" ")) {
            assertEquals(forced.get(key), unforced.get(key));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "1048575, ''", "1048576, 1", "3145728, 1 2", "8388608, 1 2 4 8"})
    void probesDoubleUpToTheMostThatIsAskedFor(long most, String mebibytes) {
        List<Probe.Try> tries = Probe.probe(most);
        List<Long> sizes = tries.stream().map(Probe.Try::bytes).toList();
        Stream<String> want = Stream.of(mebibytes.split(" ")).filter(text -> !text.isEmpty());
        assertEquals(want.map(text -> Long.parseLong(text) << 20).toList(), sizes);
        assertTrue(tries.stream().allMatch(one -> one.ns() > 0));
    }

    @Test
    void probesAreEncodedWithWhatFailedLast() {
        assertEquals("", Probe.encodeProbe(List.of()));
        List<Probe.Try> tries = List.of(new Probe.Try(1 << 20, 7), new Probe.Try(2 << 20, Probe.FAILED));
        assertEquals("1048576:7;2097152:failed", Probe.encodeProbe(tries));
    }
}
