package gcrucible.runner;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;

/**
 * One reading of the runtime's own accounts. Process CPU has the grain of the JDK's bean, 10 ms. A garbage collector's
 * bean may count cycles, pauses or phases; gc_cycles is the sum over the beans, whatever they count.
 */
final class Counters {
    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final MemoryMXBean MEMORY = ManagementFactory.getMemoryMXBean();
    private static final List<GarbageCollectorMXBean> COLLECTORS = ManagementFactory.getGarbageCollectorMXBeans();
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Method GC_CPU = gcCpu();

    private long cpu;
    private long allocated;
    private long collecting = -1; // CPU ns; -1 if this JDK cannot say
    private MemoryUsage heap;
    private final long[] counts = new long[COLLECTORS.size()];
    private final long[] times = new long[COLLECTORS.size()];

    /** Reads once, so that the window's first reading does not load classes. */
    Counters() {
        allocatedHere();
        read(0);
    }

    /**
     * Takes the reading. allocated is what the mutators have allocated so far, each by its own account: the JDK's total
     * over all threads is exact only at collections.
     */
    void read(long allocated) {
        cpu = processCpu();
        this.allocated = allocated;
        heap = MEMORY.getHeapMemoryUsage();
        for (int i = 0; i < counts.length; i++) {
            counts[i] = COLLECTORS.get(i).getCollectionCount();
            times[i] = COLLECTORS.get(i).getCollectionTime();
        }
        if (GC_CPU != null) {
            try {
                collecting = (long) GC_CPU.invoke(MEMORY);
            } catch (ReflectiveOperationException e) {
                collecting = -1;
            }
        }
    }

    /** What is in objects after two collections: what the first one found dying the second one frees. */
    static long settledHeap() {
        System.gc();
        System.gc();
        return MEMORY.getHeapMemoryUsage().getUsed();
    }

    /** Collections so far: the sum over the beans, whatever they count. */
    static long cycles() {
        long sum = 0;
        for (GarbageCollectorMXBean collector : COLLECTORS) {
            sum += collector.getCollectionCount();
        }
        return sum;
    }

    /** CPU of the process so far in ns. */
    static long processCpu() {
        return PROCESS.getProcessCpuTime();
    }

    /**
     * Bytes in objects now, dead ones included until they are collected. The heap may grow between two calls, and free memory of
     * one size is no part of another.
     */
    static long heapInUse() {
        Runtime runtime = Runtime.getRuntime();
        long committed;
        long used;
        do {
            committed = runtime.totalMemory();
            used = committed - runtime.freeMemory();
        } while (committed != runtime.totalMemory());
        return used;
    }

    /** Bytes that the thread of that id has allocated since it started; 0 once it has ended. */
    static long allocatedBy(long thread) {
        return Math.max(0, THREADS.getThreadAllocatedBytes(thread));
    }

    /** Bytes that the calling thread has allocated since it started, to the byte. */
    static long allocatedHere() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    /** Bytes in objects, dead ones included until they are collected. */
    long heapUsed() {
        return heap.getUsed();
    }

    /** Bytes that the heap has from the system. */
    long heapCommitted() {
        return heap.getCommitted();
    }

    /** Writes the counters in the order of the protocol, prefixed with when. */
    void print(Harness harness, String when) {
        long cycles = 0;
        for (long count : counts) {
            cycles += count;
        }
        harness.print(when + ".cpu_ns", cpu);
        harness.print(when + ".alloc_bytes", allocated);
        if (collecting >= 0) {
            harness.print(when + ".gc_cpu_ns", collecting);
        }
        harness.print(when + ".heap_committed", heapCommitted());
        harness.print(when + ".gc_cycles", cycles);
        harness.print(when + ".heap_used", heapUsed());
        for (int i = 0; i < counts.length; i++) {
            String name = COLLECTORS.get(i).getName().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
            harness.print(when + ".java.gc." + name + ".count", counts[i]);
            harness.print(when + ".java.gc." + name + ".time_ms", times[i]);
        }
    }

    /** MemoryMXBean.getTotalGcCpuTime, which JDKs have from 26 on. */
    private static Method gcCpu() {
        try {
            return MemoryMXBean.class.getMethod("getTotalGcCpuTime");
        } catch (NoSuchMethodException e) {
            return null;
        }
    }
}
