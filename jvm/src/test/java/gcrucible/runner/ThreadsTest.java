package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThreadsTest {
    /** The same machines as go/threads_test.go, and one whose mappings run out first. */
    @ParameterizedTest
    @CsvSource({
        "'', 19444, kernel.threads-max",
        "'proc/sys/kernel/pid_max=8000', 7444, kernel.pid_max",
        "'proc/sys/vm/max_map_count=30000', 14744, vm.max_map_count",
        "'proc/self/cgroup=0::/a/b;sys/fs/cgroup/a/b/pids.max=max;sys/fs/cgroup/a/pids.max=1000;"
                + "sys/fs/cgroup/a/pids.current=40', 704, pids.max of the control group",
        "'proc/self/cgroup=8:pids:/a~4:memory:/b;sys/fs/cgroup/pids/a/pids.max=2000;sys/fs/cgroup/b/pids.max=5', "
                + "1744, pids.max of the control group",
        "'proc/sys/kernel/threads-max=100', 0, kernel.threads-max"
    })
    void theTightestLimitOnThreadsIsFound(String more, long most, String by, @TempDir Path root) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("proc/loadavg", "0.10 0.20 0.30 2/300 4321");
        files.put("proc/sys/kernel/threads-max", "20000");
        files.put("proc/sys/kernel/pid_max", "4194304");
        for (String file : more.split(";")) {
            if (!file.isEmpty()) {
                files.put(file.split("=")[0], file.split("=")[1].replace('~', '\n'));
            }
        }
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = root.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue() + "\n");
        }
        Threads.Room room = Threads.mostThreads(root.toString());
        assertEquals(most, room.most());
        assertEquals(by, room.by());
    }

    @Test
    void hereSomeThreadsFit() {
        assertTrue(Threads.mostThreads("").most() >= 100, Threads.mostThreads("").toString());
    }
}
