package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only a process of its own can show. */
class MainTest {
    private record Exit(int code, String stdout, String stderr) {}

    private static Exit java(String request, String... flags) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", home(Main.class) + File.pathSeparator + home(Histogram.class)));
        command.add(Main.class.getName());
        File stderr = File.createTempFile("runner", ".stderr");
        stderr.deleteOnExit();
        Process process = new ProcessBuilder(command).redirectError(stderr).start();
        process.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String stdout = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Exit(process.waitFor(), stdout, Files.readString(stderr.toPath()));
    }

    private static String home(Class<?> one) throws Exception {
        return Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mode=closed", "mode=open;rate=1000;ops=20000000;p.live_bytes=65536"})
    void outOfMemoryEndsTheProcessFromAnyThread(String changes) throws Exception {
        String request = Requests.request("churn", ("p.live_bytes=67108864;" + changes).split(";"));
        Exit exit = java(request, "-Xmx24m", "-XX:+UseSerialGC");
        assertEquals(Main.MEMORY, exit.code, exit.stderr);
        assertEquals(1, exit.stderr.lines().count(), exit.stderr);
        assertTrue(exit.stderr.contains("OutOfMemoryError"), exit.stderr);
        assertTrue(!exit.stdout.contains("done="), exit.stdout);
    }

    @Test
    void aRuntimeThatNeverCollectsAnswersToo() throws Exception {
        Exit exit = java(
                Requests.request("churn"), "-XX:+UnlockExperimentalVMOptions", "-XX:+UseEpsilonGC", "-Xmx128m");
        assertEquals(Main.DONE, exit.code, exit.stderr);
        assertTrue(exit.stdout.endsWith("done=1\n"), exit.stdout);
        assertTrue(exit.stdout.contains("checksum=6d15314df59a5999\n"), exit.stdout);
    }

    /** The heap serves what it can, and the run goes on after the block that it cannot. */
    @Test
    void aBlockThatTheHeapCannotServeIsToldAndNotTheEnd() throws Exception {
        Exit exit = java(Requests.request("fragment", "probe_bytes=1073741824"), "-Xmx64m", "-XX:+UseSerialGC");
        assertEquals(Main.DONE, exit.code, exit.stderr);
        String probe = exit.stdout.lines().filter(line -> line.startsWith("probe=")).findFirst().orElse("");
        assertTrue(probe.matches("probe=1048576:\\d+;(\\d+:\\d+;)*(33554432|67108864):failed"), probe);
        assertTrue(exit.stdout.endsWith("done=1\n"), exit.stdout);
    }

    @Test
    void collectionsAreForcedOnlyWhereTheRequestSaysSo() throws Exception {
        String[] flags = {"-Xmx256m", "-XX:+UseSerialGC", "-Xlog:gc:stderr"};
        for (String force : new String[] {"force=1", "force=0"}) {
            Exit exit = java(Requests.request("fragment", "ops=5", force), flags);
            assertEquals(Main.DONE, exit.code, exit.stderr);
            long forced = exit.stderr.lines().filter(line -> line.contains("System.gc()")).count();
            assertEquals(force.equals("force=1") ? 5 + 2 : 2, forced, exit.stderr);
        }
    }
}
