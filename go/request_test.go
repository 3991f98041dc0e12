package main

import (
	"bufio"
	"strings"
	"testing"
)

var head = []string{"protocol=1", "mode=closed", "threads=2", "seed=42", "warmup_ops=5", "ops=20"}

// parameters of each workload, small enough for a test.
var parameters = map[string][]string{
	"churn": {"p.live_bytes=4194304", "p.size_min=32", "p.size_max=512", "p.pointers=4", "p.blocks_per_op=8",
		"p.young_slots=64", "p.survival_permille=100", "p.lifetime=random"},
	"graph":  {"p.live_bytes=262144", "p.walk_steps=16", "p.mutations=4", "p.replacements=8"},
	"slices": {"p.live_bytes=4194304", "p.layout=pointers", "p.updates=64"},
	"cache": {"p.live_bytes=4194304", "p.value_min=128", "p.value_max=512", "p.update_permille=100", "p.requests_per_op=2",
		"p.eviction=oldest"},
	"trees": {"p.live_bytes=4194304", "p.depth=8", "p.retain_permille=300"},
	"fragment": {"p.live_bytes=1048576", "p.size_base=64", "p.size_limit=1024", "p.shape=growing",
		"p.keep_permille=50", "p.garbage_percent=50", "p.layout=random", "p.contents=bytes", "p.handoff=0",
		"p.give_back=wait"},
	"stacks": {"p.live_bytes=4194304", "p.sleepers=21", "p.depth=8", "p.kind=light", "p.piece_bytes=256", "p.pieces_per_op=8",
		"p.young_slots=64", "p.wake_every=4"},
	"pooling":    {"p.live_bytes=1048576", "p.kind=fresh", "p.buffer_bytes=4096", "p.calls_per_op=8"},
	"objects":    {"p.live_bytes=1048576", "p.kind=values2"},
	"maps":       {"p.live_bytes=1048576"},
	"finalizers": {"p.live_bytes=1048576", "p.kind=alone", "p.opened=10", "p.closed=7"},
	"profile":    {"p.live_bytes=1048576", "p.churned_blocks=100"},
	"stores":     {"p.live_bytes=1048576", "p.collecting=idle", "p.stores_per_op=256"},
	"phases":     {"p.live_bytes=1048576", "p.phase_ops=12", "p.garbage_blocks=16", "p.reads_per_op=8"},
	"recording":  {"p.path=closed", "p.times=100"},
}

// requestFor is a request for a workload in which changes (key=value, or key= to leave it out) have been made.
func requestFor(workload string, changes ...string) string {
	lines := append([]string{"workload=" + workload}, head...)
	lines = append(lines, parameters[workload]...)
	for _, change := range changes {
		key, value, _ := strings.Cut(change, "=")
		at := -1
		for i, line := range lines {
			if strings.HasPrefix(line, key+"=") {
				at = i
			}
		}
		switch {
		case at < 0:
			lines = append(lines, change)
		case value == "":
			lines = append(lines[:at], lines[at+1:]...)
		default:
			lines[at] = change
		}
	}
	return strings.Join(append(lines, "run", ""), "\n")
}

func parse(text string) (*request, []workload, error) {
	r, err := parseRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		return nil, nil, err
	}
	works, err := construct(r)
	return r, works, err
}

func TestRequestIsReadInFull(t *testing.T) {
	r, works, err := parse(requestFor("churn", "mode=open", "rate=1000", "record=0", "seed=18446744073709551615"))
	if err != nil {
		t.Fatal(err)
	}
	if !r.open || r.threads != 2 || r.seed != 1<<64-1 || r.warmupOps != 5 || r.ops != 20 || r.rate != 1000 || r.record {
		t.Errorf("parsed %+v", r)
	}
	if len(works) != 2 {
		t.Errorf("%d workloads for 2 threads", len(works))
	}
}

func TestWrongRequestNamesTheKey(t *testing.T) {
	for _, c := range []struct{ workload, change, key string }{
		{"churn", "protocol=2", "protocol"},
		{"churn", "protocol=", "protocol"},
		{"churn", "workload=chrun", "workload"},
		{"churn", "mode=ajar", "mode"},
		{"churn", "mode=open", "rate"}, // open without rate
		{"churn", "rate=5", "rate"},    // a rate in closed loop
		{"churn", "threads=0", "threads"},
		{"churn", "threads=257", "threads"},
		{"churn", "seed=-1", "seed"},
		{"churn", "ops=0", "ops"},
		{"churn", "ops=1e5", "ops"},
		{"churn", "warmup_ops=", "warmup_ops"},
		{"churn", "record=3", "record"},
		{"churn", "mode=open;rate=5;record=2", "record"},
		{"churn", "alternate=2", "alternate"},
		{"churn", "mode=open;rate=5;alternate=1", "alternate"},
		{"churn", "drag_permille=10001", "drag_permille"},
		{"churn", "mode=open;rate=5;drag_permille=50", "drag_permille"},
		{"churn", "record=2;drag_permille=50", "drag_permille"},
		{"churn", "alternate=1;drag_permille=50", "drag_permille"},
		{"fragment", "drag_permille=50", "drag_permille"},
		{"recording", "p.path=ajar", "p.path"},
		{"recording", "p.times=0", "p.times"},
		{"churn", "return_ms=10", "return_ms"},
		{"churn", "force=0", "force"},
		{"churn", "probe_bytes=1048576", "probe_bytes"},
		{"fragment", "force=2", "force"},
		{"fragment", "probe_bytes=1073741825", "probe_bytes"},
		{"churn", "colour=red", "colour"},
		{"churn", "p.colour=red", "p.colour"},
		{"churn", "p.live_bytes=", "p.live_bytes"},
		{"churn", "p.live_bytes=12", "p.live_bytes"},
		{"churn", "p.size_max=8", "p.size_max"}, // below size_min
		{"churn", "p.survival_permille=1001", "p.survival_permille"},
		{"churn", "p.lifetime=long", "p.lifetime"},
		{"graph", "mode=open", "mode"}, // closed loop only
		{"graph", "p.walk_steps=many", "p.walk_steps"},
		{"slices", "p.layout=rows", "p.layout"},
		{"cache", "p.eviction=newest", "p.eviction"},
		{"trees", "p.depth=60", "p.depth"},
		{"fragment", "p.size_limit=65", "p.size_limit"},                  // no room for one class
		{"fragment", "p.contents=pointers;p.size_base=4", "p.size_base"}, // nor for one reference
		{"fragment", "p.contents=words", "p.contents"},
		{"fragment", "p.layout=rows", "p.layout"},
		{"fragment", "p.handoff=2", "p.handoff"},
		{"fragment", "p.give_back=never", "p.give_back"},
		{"fragment", "p.handoff=", "p.handoff"},
		{"stacks", "p.sleepers=1", "p.sleepers"}, // fewer than mutators
		{"stacks", "p.depth=1001", "p.depth"},
		{"stacks", "p.kind=heavy", "p.kind"},
		{"stacks", "p.live_bytes=65536", "p.live_bytes"}, // no piece for each frame
	} {
		text := requestFor(c.workload, strings.Split(c.change, ";")...)
		if c.change == "mode=open" && c.workload == "graph" {
			text = requestFor("graph", "mode=open", "rate=1")
		}
		_, _, err := parse(text)
		if err == nil || !strings.HasPrefix(err.Error(), c.key+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s with %s: %v", c.workload, c.change, err)
		}
	}
}

func TestMalformedLinesAreErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "run: ",
		"protocol=1\n":                    "run: ",
		"protocol=1\nprotocol=1\nrun\n":   "protocol: given twice",
		"protocol=1\nthreads\nrun\n":      "threads: not key=value",
		"protocol=1\nworkload=\nrun\n":    "workload: has no value",
		"protocol=1\nworkload=churn\nrun": "mode: ", // the last line need not be ended
	} {
		if _, _, err := parse(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
