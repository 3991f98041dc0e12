package gcrucible.runner;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Threads that a workload starts beside the mutators, and how many of them fit here. */
final class Threads {
    /** The release from which on JDKs have virtual threads. */
    static final int VIRTUAL_SINCE = 21;

    /** Left to everything else: the runtime's own threads and the other programs. */
    private static final long SPARE = 256;
    /** Mappings that one takes: its stack, and the guard below it. */
    private static final long MAPPINGS = 2;

    private static final Method START_VIRTUAL = startVirtual();

    /** How many there may be, and the limit that says so. */
    record Room(long most, String by) {
        static final Room ENDLESS = new Room(Long.MAX_VALUE, "nothing");

        Room tighten(long limit, long used, String name) {
            long left = Math.max(0, limit - used - SPARE);
            return left < most ? new Room(left, name) : this;
        }
    }

    private Threads() {}

    /** Begins a thread of execution: a virtual one, or one of the operating system with that much stack. */
    static Thread startThread(boolean platform, long stack, Runnable live) {
        if (!platform) {
            try {
                return (Thread) START_VIRTUAL.invoke(null, live);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        Thread thread = new Thread(null, live, "sleeper", stack);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Whether this JDK has virtual threads for everyone. */
    static boolean hasVirtual() {
        return START_VIRTUAL != null;
    }

    /**
     * How many threads of the operating system a process may start here. root is empty, but for tests. Where a limit
     * cannot be read there is none.
     */
    static Room mostThreads(String root) {
        Room room = Room.ENDLESS;
        for (String name : List.of("threads-max", "pid_max")) {
            long limit = readNumber(Path.of(root + "/proc/sys/kernel/" + name), Long.MAX_VALUE);
            room = room.tighten(limit, threadsInUse(root), "kernel." + name);
        }
        long mappings = readNumber(Path.of(root + "/proc/sys/vm/max_map_count"), Long.MAX_VALUE);
        room = room.tighten(mappings / MAPPINGS, 0, "vm.max_map_count");
        for (Path folder : threadGroups(root)) {
            long limit = readNumber(folder.resolve("pids.max"), Long.MAX_VALUE);
            long used = readNumber(folder.resolve("pids.current"), 0);
            room = room.tighten(limit, used, "pids.max of the control group");
        }
        return room;
    }

    /** How many there are on the whole machine: the fourth field of loadavg is running/all. */
    private static long threadsInUse(String root) {
        String[] fields = read(Path.of(root + "/proc/loadavg")).split(" ");
        return fields.length < 4 ? 0 : number(fields[3].replaceFirst(".*/", ""), 0);
    }

    /** The folders of the control groups that count this process's threads, the innermost first. */
    private static List<Path> threadGroups(String root) {
        List<Path> folders = new ArrayList<>();
        for (String line : read(Path.of(root + "/proc/self/cgroup")).split("\n")) {
            String[] parts = line.strip().split(":", 3); // id:controllers:path, version 2 has no controllers
            boolean second = parts.length == 3 && parts[1].isEmpty();
            if (parts.length < 3 || !second && !Arrays.asList(parts[1].split(",")).contains("pids")) {
                continue;
            }
            Path top = Path.of(root + "/sys/fs/cgroup" + (second ? "" : "/pids"));
            for (Path at = Path.of(parts[2]).normalize(); at != null; at = at.getParent()) {
                folders.add(at.getNameCount() == 0 ? top : top.resolve(at.toString().substring(1)));
            }
        }
        return folders;
    }

    /** Reads a file that holds a number; "max" is none. */
    private static long readNumber(Path file, long absent) {
        return number(read(file), absent);
    }

    private static long number(String text, long absent) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            return absent;
        }
    }

    /** Reads in one go: a kernel parameter has no second part, and Files.readString would begin with one byte. */
    private static String read(Path file) {
        byte[] buffer = new byte[1 << 14];
        try (InputStream in = Files.newInputStream(file)) {
            int n = in.readNBytes(buffer, 0, buffer.length);
            return new String(buffer, 0, n, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // as if it said nothing
        }
    }

    /** Thread.startVirtualThread; null in JDKs that do not have it, or only as a preview. */
    private static Method startVirtual() {
        try {
            return Runtime.version().feature() < VIRTUAL_SINCE
                    ? null
                    : Thread.class.getMethod("startVirtualThread", Runnable.class);
        } catch (NoSuchMethodException e) {
            return null;
        }
    }
}
