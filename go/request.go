package main

import (
	"bufio"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// request is what the driver asks for, checked. The first complaint is kept in err, so that workloads can take their
// parameters one after the other.
type request struct {
	workload  string
	open      bool
	threads   int
	seed      uint64
	warmupOps uint64
	ops       uint64
	rate      uint64 // per second, all threads; 0 in closed loop
	record    bool
	skip      uint64 // closed loop: operations left out after each few that are recorded
	alternate bool   // record two of each four stretches of operations
	drag      uint64 // closed loop: spin after each operation for so many thousandths of its own duration
	returnMs  uint64
	force     bool   // fragment: collect before the heap is looked at after an epoch
	probe     uint64 // fragment: the largest block to ask for after the last epoch; 0: none

	values map[string]string
	taken  map[string]bool
	err    error
	cannot bool // the complaint is of this machine or this runtime, not of the request
}

// parseRequest reads key=value lines up to the line "run". Parameters of the workload (p.*) are taken later, by the
// workload; leftover then reports those that nobody took.
func parseRequest(in *bufio.Reader) (*request, error) {
	r := &request{values: map[string]string{}, taken: map[string]bool{}}
	for {
		line, err := in.ReadString('\n')
		line = strings.TrimSpace(line)
		if line == "run" {
			break
		}
		key, value, found := strings.Cut(line, "=")
		switch {
		case line == "" && err == nil:
		case line == "":
			return nil, fmt.Errorf("run: the request ended without this line")
		case !found:
			return nil, fmt.Errorf("%s: not key=value", line)
		case r.values[key] != "":
			return nil, fmt.Errorf("%s: given twice", key)
		case value == "":
			return nil, fmt.Errorf("%s: has no value", key)
		default:
			r.values[key] = value
		}
	}
	r.number("protocol", 1, 1)
	r.workload = r.text("workload")
	r.open = r.choice("mode", "closed", "open") == "open"
	r.threads = int(r.number("threads", 1, 256))
	r.seed = r.number("seed", 0, 1<<64-1)
	r.warmupOps = r.number("warmup_ops", 0, 1<<40)
	r.ops = r.number("ops", 1, 1<<31)
	record := r.optional("record", 1, 2)
	r.record = record > 0
	if record == 2 {
		r.skip = ofEach - inARow
	}
	r.alternate = r.optional("alternate", 0, 1) == 1
	r.drag = r.optional("drag_permille", 0, 10_000)
	if r.drag > 0 && (r.open || record != 1 || r.alternate) {
		r.fail("drag_permille", "is for mode=closed with record=1 and alternate=0 only")
	}
	r.returnMs = r.optional("return_ms", 0, 3_600_000)
	r.force = r.optional("force", 1, 1) == 1
	r.probe = r.optional("probe_bytes", 0, 1<<30)
	if r.open {
		r.rate = r.number("rate", 1, 1_000_000_000)
		if r.skip > 0 {
			r.fail("record", "can be 2 in closed loop only")
		}
		if r.alternate {
			r.fail("alternate", "is for mode=closed only")
		}
	} else if r.optional("rate", 0, 1_000_000_000) > 0 {
		r.fail("rate", "is for mode=open only")
	}
	return r, r.err
}

// param takes the workload's parameter p.<name>, a number in [lo, hi].
func (r *request) param(name string, lo, hi uint64) uint64 { return r.number("p."+name, lo, hi) }

// word takes the workload's parameter p.<name>, one of choices.
func (r *request) word(name string, choices ...string) string { return r.choice("p."+name, choices...) }

// asks tells whether the runtime is to be asked, after the load dropped, to give memory back.
func (r *request) asks() bool { return r.word("give_back", "wait", "ask") == "ask" }

// share is one thread's part of p.live_bytes. It has room for less than 2^31 objects of the smallest payload, so that
// below can choose among them.
func (r *request) share(smallest uint64) uint64 {
	threads := uint64(max(1, r.threads))
	return r.param("live_bytes", 1<<16, min(1<<44, threads*smallest*(1<<31-1))) / threads
}

// leftover returns the first complaint; a key that nobody took is one.
func (r *request) leftover() error {
	for _, key := range slices.Sorted(maps.Keys(r.values)) {
		if !r.taken[key] {
			r.fail(key, "unknown to "+r.workload)
		}
	}
	return r.err
}

func (r *request) fail(key, complaint string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %s", key, complaint)
	}
}

// unable complains of what this machine or this runtime cannot do, though the request is right.
func (r *request) unable(key, complaint string) {
	r.cannot = r.cannot || r.err == nil
	r.fail(key, complaint)
}

func (r *request) text(key string) string {
	r.taken[key] = true
	value := r.values[key]
	if value == "" {
		r.fail(key, "is missing")
	}
	return value
}

func (r *request) number(key string, lo, hi uint64) uint64 {
	n, err := strconv.ParseUint(r.text(key), 10, 64)
	if err != nil || n < lo || n > hi {
		r.fail(key, fmt.Sprintf("must be a whole number from %d to %d", lo, hi))
		return lo
	}
	return n
}

func (r *request) optional(key string, absent, hi uint64) uint64 {
	if r.values[key] == "" {
		return absent
	}
	return r.number(key, 0, hi)
}

func (r *request) choice(key string, choices ...string) string {
	value := r.text(key)
	if !slices.Contains(choices, value) {
		r.fail(key, "must be one of "+strings.Join(choices, ", "))
	}
	return value
}
