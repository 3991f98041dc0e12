package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomTest {
    /** The ports in other languages test the same values. */
    @Test
    void generatorGoldenValues() {
        assertEquals(0xE220A8397B1DCDAFL, Random.mix(Random.GOLDEN)); // Vigna's splitmix64.c, state 0
        Random random = Random.split(42, 0);
        assertEquals(0x57e1faba65107204L, random.next());
        assertEquals(0xf4abd143feb24055L, random.next());
        assertEquals(0x7c816738c12903b2L, random.next());
        assertEquals(986, Random.split(42, 1).below(1000));
        assertEquals(0x6cc200005c6886L, Random.fold(Random.fold(0, 1), 2));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 7, 1000, (1L << 31) - 1})
    void belowStaysBelowAndReachesBothEnds(long n) {
        Random random = Random.split(1, 0);
        long lowest = n;
        long highest = 0;
        for (int i = 0; i < 20_000; i++) {
            int value = random.below(n);
            lowest = Math.min(lowest, value);
            highest = Math.max(highest, value);
        }
        assertTrue(lowest >= 0 && lowest <= n / 1000 && highest < n && highest >= n - 1 - n / 1000);
    }

    @Test
    void sizesDrawEveryClassEquallyOften() {
        Sizes sizes = new Sizes(48, 4095); // classes 48..63, 64..127, ... 2048..4095
        Random random = Random.split(3, 0);
        int[] count = new int[32];
        long sum = 0;
        int draws = 70_000;
        for (int i = 0; i < draws; i++) {
            int size = sizes.draw(random);
            assertTrue(size >= 48 && size <= 4095, "drew " + size);
            count[31 - Integer.numberOfLeadingZeros(size)]++;
            sum += size;
        }
        for (int c = 0; c < count.length; c++) {
            int n = count[c];
            assertTrue(c >= 5 && c <= 11 ? n > 9_500 && n < 10_500 : n == 0, "class 2^" + c + " drawn " + n + " times");
        }
        assertEquals(1.0, (double) sum / draws / sizes.mean(), 0.02);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 65, 128, 1000})
    void readBackFindsEveryTouchedByteThatChanged(int size) {
        byte[] data = new byte[size];
        Workload.touch(data, 7);
        long whole = Workload.readBack(data, 7, "block");
        for (int i = 0; i < size; i++) {
            if (i % 64 == 0 || i == size - 1) {
                data[i] ^= 1;
                assertThrows(Workload.Broken.class, () -> Workload.readBack(data, 7, "block"));
                data[i] ^= 1;
            }
        }
        assertEquals(whole, Workload.readBack(data, 7, "block"));
        Workload.touch(data, 8);
        assertNotEquals(whole, Workload.readBack(data, 8, "block"));
    }
}
