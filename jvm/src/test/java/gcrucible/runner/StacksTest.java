package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class StacksTest {
    @Test
    void whatEveryFrameHoldsIsReadBackFromItsStack() {
        List<Consumer<Stacks.Bag>> damages = List.of(bag -> bag.pieces[1].data[64] ^= 1, bag -> bag.id++);
        for (Consumer<Stacks.Bag> damage : damages) {
            Stacks stacks = (Stacks) Requests.prepared("stacks");
            stacks.verify();
            // A sleeper of the test's own, down whose stack a damaged bag is carried.
            Stacks.Sleeper sleeper = new Stacks.Sleeper(0, stacks.baton);
            for (int level = 0; level < stacks.baton.carry.length; level++) {
                stacks.baton.carry[level] = stacks.baton.newBag(level);
            }
            damage.accept(stacks.baton.carry[5]);
            sleeper.start(true);
            stacks.wake(sleeper, Stacks.Task.WALK, 0);
            stacks.sleepers = Arrays.copyOf(stacks.sleepers, stacks.sleepers.length + 1);
            stacks.sleepers[stacks.sleepers.length - 1] = sleeper;
            String error = assertThrows(Workload.Broken.class, stacks::verify).getMessage();
            assertEquals("stacks: what frame 5 holds does not read back", error);
        }
    }

    @Test
    void nothingButTheStacksLeadsToWhatTheyHoldWhileTheySleep() {
        for (String kind : List.of("platform", "light")) {
            if (kind.equals("light") && !Threads.hasVirtual()) {
                continue;
            }
            Stacks stacks = (Stacks) Requests.prepared("stacks", "p.kind=" + kind);
            for (int n = 0; n < 40; n++) {
                stacks.operation();
                for (Stacks.Bag bag : stacks.baton.carry) {
                    assertNull(bag);
                }
            }
            System.gc();
            stacks.verify();
        }
    }

    @Test
    void sleepersFramesAndPiecesAreSharedOutWithoutARest() {
        int sleepers = 0;
        long live = 0;
        for (Workload work : Requests.works(Requests.request("stacks", "threads=4", "p.sleepers=21"))) {
            Stacks stacks = (Stacks) work;
            int depth = stacks.baton.carry.length;
            long held = 0;
            for (int frame = 0; frame < stacks.sleepers.length * depth; frame++) {
                held += stacks.baton.newBag(frame).pieces.length;
            }
            assertEquals(stacks.baton.pieces, held);
            sleepers += stacks.sleepers.length;
            live += stacks.liveBytes();
        }
        assertEquals(21, sleepers);
        assertEquals(1.0, live / 4194304.0, 0.02);
    }

    @Test
    void aSleeperIsWokenEachSoManyOperations() {
        Stacks stacks = (Stacks) Requests.prepared("stacks", "p.wake_every=3");
        long sum = stacks.baton.sum;
        for (int n = 1; n <= 9; n++) {
            stacks.operation();
            assertEquals(n % 3 == 0, stacks.baton.sum != sum, "operation " + n);
            sum = stacks.baton.sum;
        }
    }

    @Test
    void moreThreadsThanFitAreRefusedWithTheMostThatDo() {
        assumeTrue(Threads.mostThreads("").most() < 1 << 20);
        Requests.Answer answer =
                Requests.run(Requests.request("stacks", "p.sleepers=1048576", "p.live_bytes=8589934592"));
        assertEquals(Main.UNABLE, answer.code());
        assertEquals("", answer.stdout());
        assertEquals(1, answer.stderr().lines().count());
        String said = "p.sleepers: 1048576 threads do not fit here: at most ";
        assertTrue(answer.stderr().contains(said), answer.stderr());
    }

    @Test
    void aJdkWithoutVirtualThreadsSaysSoAndDoesNotBegin() {
        assumeFalse(Threads.hasVirtual());
        Requests.Answer answer = Requests.run(Requests.request("stacks", "p.kind=light"));
        assertEquals(Main.UNABLE, answer.code());
        assertEquals("", answer.stdout());
        assertTrue(answer.stderr().startsWith("runner: p.kind: light threads take JDK 21 or later"), answer.stderr());
    }

    @Test
    void virtualThreadsGiveTheSameAnswerAsThoseOfTheSystem() {
        assumeTrue(Threads.hasVirtual());
        Requests.Answer platform = Requests.answer("stacks");
        Requests.Answer light = Requests.answer("stacks", "p.kind=light");
        for (String key : "checksum requested_bytes live_bytes ops".split(" ")) {
            assertEquals(platform.get(key), light.get(key), key);
        }
    }
}
