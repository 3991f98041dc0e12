package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExperimentsTest {
    private static double measured(Requests.Answer answer, String name) {
        return Double.parseDouble(answer.get("value." + name));
    }

    @Test
    void anObjectTakesItsFieldsAndAHeader() {
        for (int fields : List.of(1, 2, 3, 4, 8, 16, 64, 512)) {
            Requests.Answer answer = Requests.answer(
                    "objects", "threads=1", "ops=2", "p.live_bytes=16777216", "p.kind=values" + fields);
            double each = measured(answer, "object_bytes");
            // A header of 8 to 16 bytes, rounding, and what a collection leaves between objects.
            assertTrue(each >= (8 * fields + 8) * 0.97 && each <= (8 * fields + 24) * 1.06, fields + " fields: " + each);
            assertEquals("", answer.get("value.scanned_bytes"));
        }
    }

    @Test
    void aMapKeepsItsTableAndNoEntries() {
        Requests.Answer answer = Requests.answer("maps", "threads=1", "p.live_bytes=16777216");
        double full = measured(answer, "full_bytes");
        assertTrue(full > 16777216, "full: " + full);
        assertTrue(measured(answer, "half_bytes") < full);
        assertTrue(measured(answer, "emptied_bytes") < full / 2);
        assertTrue(measured(answer, "replaced_bytes") < full / 10);
    }

    @Test
    void aCleanerReportsWhatWasNotClosedAndCyclesToo() {
        for (String kind : List.of("cycle", "broken", "weak", "cleanup")) {
            Requests.Answer answer = Requests.answer(
                    "finalizers", "threads=1", "warmup_ops=0", "ops=4", "p.kind=" + kind, "p.opened=20", "p.closed=0");
            assertEquals(20, measured(answer, "reported"), kind);
        }
        Requests.Answer alone = Requests.answer("finalizers", "threads=1", "warmup_ops=0", "ops=4");
        assertEquals(3, measured(alone, "reported"));
    }

    @Test
    void storesAreTheSameWorkWhileCollectionsAreForcedAndTheseEndWithTheWindow() {
        Requests.Answer idle = Requests.answer("stores", "threads=1", "p.collecting=idle");
        Requests.Answer marking = Requests.answer("stores", "threads=1", "p.collecting=marking");
        assertEquals(idle.get("checksum"), marking.get("checksum"));
        assertTrue(marking.number("after.gc_cycles") > marking.number("before.gc_cycles"));
        assertTrue(Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().equals("collecting")));
        for (Requests.Answer answer : List.of(idle, marking)) {
            double pointer = measured(answer, "pointer_store_ns");
            double number = measured(answer, "number_store_ns");
            assertTrue(pointer > 0 && number > 0, pointer + " and " + number);
            assertEquals(pointer - number, measured(answer, "barrier_ns"), 1e-9);
            assertEquals(pointer / number, measured(answer, "store_ratio"), 1e-9);
            assertEquals("", answer.get("value.barrier_share"));
            assertEquals("", answer.get("value.profile_samples"));
        }
    }

    @Test
    void collectionsEndAlsoWithAWindowThatIsCutShort() {
        Workload work = Requests.prepared("stores", "threads=1", "p.collecting=marking");
        for (int n = 0; n < 6; n++) { // the warm-up, and the first one of the window
            work.operation();
        }
        work.verify();
        assertTrue(Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().equals("collecting")));
    }

    @Test
    void experimentsRepeatForASeedAndRunAlone() {
        for (String name : List.of("objects", "maps", "finalizers", "stores")) {
            String one = Requests.answer(name, "threads=1", "ops=2").get("checksum");
            assertEquals(one, Requests.answer(name, "threads=1", "ops=2").get("checksum"), name);
            assertNotEquals(one, Requests.answer(name, "threads=1", "ops=2", "seed=43").get("checksum"), name);
            String error = Requests.run(Requests.request(name)).stderr();
            assertTrue(error.contains("threads"), error);
        }
    }

    @Test
    void aDamagedExperimentIsFound() {
        Objects objects = (Objects) Requests.prepared("objects", "threads=1");
        ((Flat) objects.herd.objects[5]).set(1, 7);
        Maps maps = (Maps) Requests.prepared("maps", "threads=1");
        maps.table.remove(5L);
        maps.table.put(-1L, maps.table.get(6L));
        Finalizers finalizers = (Finalizers) Requests.prepared("finalizers", "threads=1");
        finalizers.blocks[5].data[64] ^= 1;
        Stores stores = (Stores) Requests.prepared("stores", "threads=1");
        stores.table[5].to = new Stores.Node(stores.table[6].id);
        for (Workload work : List.of(objects, maps, finalizers, stores)) {
            assertThrows(Workload.Broken.class, work::verify, work.getClass().getName());
        }
    }
}
