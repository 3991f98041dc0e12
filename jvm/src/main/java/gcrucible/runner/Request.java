package gcrucible.runner;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the driver asks for, checked. */
final class Request {
    /** A complaint that names the key it is about. */
    static class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;

        Wrong(String key, String complaint) {
            super(key + ": " + complaint);
        }
    }

    /** A complaint of what this machine or this runtime cannot do, though the request is right. */
    static final class Unable extends Wrong {
        private static final long serialVersionUID = 1;

        Unable(String key, String complaint) {
            super(key, complaint);
        }
    }

    final String workload;
    final boolean open;
    final int threads;
    final long seed;
    final long warmupOps;
    final long ops;
    final long rate; // per second, all threads; 0 in closed loop
    final boolean record;
    final long skip; // closed loop: operations left out after each few that are recorded
    final boolean alternate; // record two of each four stretches of operations
    final long drag; // closed loop: spin after each operation for so many thousandths of its own duration
    final long returnMs;
    final boolean force; // fragment: collect before the heap is looked at after an epoch
    final long probe; // fragment: the largest block to ask for after the last epoch; 0: none

    private final Map<String, String> values;
    private final Set<String> taken = new HashSet<>();

    /**
     * Reads key=value lines up to the line "run". Parameters of the workload (p.*) are taken later, by the workload;
     * leftover then reports those that nobody took.
     */
    static Request parse(BufferedReader in) throws IOException {
        Map<String, String> values = new TreeMap<>();
        while (true) {
            String line = in.readLine();
            if (line == null) {
                throw new Wrong("run", "the request ended without this line");
            }
            line = line.strip();
            if (line.equals("run")) {
                return new Request(values);
            }
            if (line.isEmpty()) {
                continue;
            }
            int equals = line.indexOf('=');
            if (equals < 0) {
                throw new Wrong(line, "not key=value");
            }
            String key = line.substring(0, equals);
            String value = line.substring(equals + 1);
            if (values.containsKey(key)) {
                throw new Wrong(key, "given twice");
            }
            if (value.isEmpty()) {
                throw new Wrong(key, "has no value");
            }
            values.put(key, value);
        }
    }

    private Request(Map<String, String> values) {
        this.values = values;
        number("protocol", 1, 1);
        workload = text("workload");
        open = choice("mode", "closed", "open").equals("open");
        threads = (int) number("threads", 1, 256);
        seed = number("seed", 0, -1); // -1 is 2^64 - 1
        warmupOps = number("warmup_ops", 0, 1L << 40);
        ops = number("ops", 1, open ? Integer.MAX_VALUE - 8 : 1L << 40); // the arrivals are one array
        long recording = optional("record", 1, 2);
        record = recording > 0;
        skip = recording == 2 ? Harness.OF_EACH - Harness.IN_A_ROW : 0;
        alternate = optional("alternate", 0, 1) == 1;
        drag = optional("drag_permille", 0, 10_000);
        if (drag > 0 && (open || recording != 1 || alternate)) {
            throw new Wrong("drag_permille", "is for mode=closed with record=1 and alternate=0 only");
        }
        returnMs = optional("return_ms", 0, 3_600_000);
        force = optional("force", 1, 1) == 1;
        probe = optional("probe_bytes", 0, 1 << 30);
        if (open) {
            rate = number("rate", 1, 1_000_000_000);
            if (skip > 0) {
                throw new Wrong("record", "can be 2 in closed loop only");
            }
            if (alternate) {
                throw new Wrong("alternate", "is for mode=closed only");
            }
        } else if (optional("rate", 0, 1_000_000_000) > 0) {
            throw new Wrong("rate", "is for mode=open only");
        } else {
            rate = 0;
        }
    }

    /** Takes the workload's parameter p.name, a number in [lo, hi]. */
    long param(String name, long lo, long hi) {
        return number("p." + name, lo, hi);
    }

    /** Takes the workload's parameter p.name, one of choices. */
    String word(String name, String... choices) {
        return choice("p." + name, choices);
    }

    /** Is the runtime to be asked, after the load dropped, to give memory back? */
    boolean asks() {
        return word("give_back", "wait", "ask").equals("ask");
    }

    /** One thread's part of p.live_bytes. */
    long share() {
        return param("live_bytes", 1L << 16, 1L << 44) / threads;
    }

    /** Complains of a key that nobody took. */
    void leftover() {
        for (String key : values.keySet()) {
            if (!taken.contains(key)) {
                throw new Wrong(key, "unknown to " + workload);
            }
        }
    }

    private String text(String key) {
        taken.add(key);
        String value = values.get(key);
        if (value == null) {
            throw new Wrong(key, "is missing");
        }
        return value;
    }

    /** A u64 in [lo, hi], both compared without sign. */
    private long number(String key, long lo, long hi) {
        String value = text(key);
        try {
            long n = Long.parseUnsignedLong(value);
            boolean digits = value.charAt(0) != '+';
            if (digits && Long.compareUnsigned(n, lo) >= 0 && Long.compareUnsigned(n, hi) <= 0) {
                return n;
            }
        } catch (NumberFormatException ignored) {
            // The complaint below says what was wanted.
        }
        throw new Wrong(key, "must be a whole number from " + lo + " to " + Long.toUnsignedString(hi));
    }

    private long optional(String key, long absent, long hi) {
        return values.containsKey(key) ? number(key, 0, hi) : absent;
    }

    private String choice(String key, String... choices) {
        String value = text(key);
        if (!Arrays.asList(choices).contains(value)) {
            throw new Wrong(key, "must be one of " + String.join(", ", choices));
        }
        return value;
    }
}
