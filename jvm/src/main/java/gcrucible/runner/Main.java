package gcrucible.runner;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Does one gcrucible workload once, as docs/PROTOCOL.md says, and knows nothing of collectors. */
final class Main {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int REQUEST = 2;
    static final int INVARIANT = 3;
    static final int MEMORY = 4;
    static final int UNABLE = 5;

    private static final FileOutputStream STDERR = new FileOutputStream(FileDescriptor.err);
    private static final byte[] OUT_OF_MEMORY = "runner: OutOfMemoryError\n".getBytes(StandardCharsets.US_ASCII);
    private static final AtomicBoolean DYING = new AtomicBoolean();

    private Main() {}

    public static void main(String[] args) {
        Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> die(cause));
        try {
            PrintStream out = new PrintStream(
                    new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false, StandardCharsets.UTF_8);
            System.exit(run(System.in, out, System.err));
        } catch (Throwable cause) { // an error of the JVM, most likely for want of memory
            die(cause);
        }
    }

    /** Answers one request and returns the exit status. A wrong request leaves stdout empty. */
    static int run(InputStream stdin, PrintStream stdout, PrintStream stderr) {
        BufferedReader in = new BufferedReader(new InputStreamReader(stdin, StandardCharsets.UTF_8));
        Request request;
        Workload[] works;
        try {
            request = Request.parse(in);
            works = Registry.construct(request);
        } catch (Request.Wrong e) {
            stderr.println("runner: " + e.getMessage());
            return e instanceof Request.Unable ? UNABLE : REQUEST;
        } catch (IOException e) {
            stderr.println("runner: stdin: " + e.getMessage());
            return FAILED;
        }
        Harness harness = new Harness(request, works, in, stdout);
        try {
            harness.execute();
        } catch (Workload.Broken e) {
            harness.print("error", e.getMessage());
            stdout.flush();
            return INVARIANT;
        } catch (IOException | InterruptedException e) {
            stderr.println("runner: " + e);
            return FAILED;
        }
        if (stdout.checkError()) {
            stderr.println("runner: stdout: cannot be written");
            return FAILED;
        }
        return DONE;
    }

    /**
     * Ends the process from whatever thread, with one line on stderr. There may be no memory left, and other threads may
     * be dying too: no clean-up, and a line that was made beforehand if a better one cannot be.
     */
    private static void die(Throwable cause) {
        boolean memory = false;
        for (Throwable at = cause; at != null; at = at.getCause()) {
            memory |= at instanceof OutOfMemoryError;
        }
        while (!DYING.compareAndSet(false, true)) {
            LockSupport.park(); // the first to die ends the process
        }
        byte[] line = OUT_OF_MEMORY;
        try {
            String name = memory ? "OutOfMemoryError: " + cause.getMessage() : cause.toString();
            line = ("runner: " + name.lines().findFirst().orElse("") + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (Throwable again) {
            // Then the line is the one that was made beforehand.
        }
        try {
            STDERR.write(line);
        } catch (Throwable again) {
            // The exit status says it.
        }
        Runtime.getRuntime().halt(memory ? MEMORY : FAILED);
    }
}
