package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// answer runs a request and returns what the runner printed, by key, and the keys in their order.
func answer(t *testing.T, request string) (values map[string]string, keys []string) {
	t.Helper()
	var stdout, stderr strings.Builder
	if code := run(strings.NewReader(request), &stdout, &stderr); code != exitDone {
		t.Fatalf("exit %d: %s %s", code, stdout.String(), stderr.String())
	}
	values = map[string]string{}
	for line := range strings.Lines(stdout.String()) {
		key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !ok {
			t.Errorf("line %q", line)
		}
		if key == "hold" {
			key = "hold." + value
		}
		if values[key] == "" {
			keys = append(keys, key)
		}
		values[key] = value
	}
	return values, keys
}

func number(t *testing.T, values map[string]string, key string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(values[key], 10, 64)
	if err != nil {
		t.Errorf("%s: %v", key, err)
	}
	return n
}

func TestAnswerHasEveryKeyInTheOrderOfTheProtocol(t *testing.T) {
	values, keys := answer(t, requestFor("fragment", "return_ms=30", "ops=3", "warmup_ops=1", "probe_bytes=2097152"))
	var order []string
	for _, key := range keys {
		if name, counter, found := strings.Cut(key, "."); found && (name == "before" || name == "after") {
			if key = name; strings.HasPrefix(counter, "buckets.") {
				key += ".buckets"
			}
		}
		if len(order) == 0 || order[len(order)-1] != key {
			order = append(order, key)
		}
	}
	want := "protocol runtime version mark.start mark.setup mark.warmup hold.setup mark.begin mark.end hold.end mark.drop " +
		"mark.return hold.return mark.rest hold.rest ops requested_bytes live_bytes checksum before before.buckets after " +
		"after.buckets rest.heap_used rest.heap_committed ticks epoch probe hist.service hist.watcher done"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("order\n%s\nwant\n%s", got, want)
	}
	if values["protocol"] != "1" || values["runtime"] != "go" || values["ops"] != "6" || values["done"] != "1" {
		t.Errorf("answer %v", values)
	}
	last := uint64(0)
	for _, mark := range []string{"start", "setup", "warmup", "begin", "end", "drop", "return", "rest"} {
		at := number(t, values, "mark."+mark)
		if at < last {
			t.Errorf("mark.%s goes back in time", mark)
		}
		last = at
	}
	if !strings.HasPrefix(values["epoch"], "2,") || strings.Count(values["epoch"], ",") != 6 {
		t.Errorf("last epoch %s", values["epoch"])
	}
	var index, at, live, used, committed, held, waste uint64
	_, err := fmt.Sscanf(values["epoch"], "%d,%d,%d,%d,%d,%d,%d", &index, &at, &live, &used, &committed, &held, &waste)
	if err != nil || used < live || committed != used+held+waste {
		t.Errorf("last epoch %s: %v", values["epoch"], err)
	}
	if told := regexp.MustCompile(`^1048576:[0-9]+;2097152:[0-9]+$`); !told.MatchString(values["probe"]) {
		t.Errorf("probe %s", values["probe"])
	}
}

// More bytes than asked for are allocated, in every workload: no allocation was optimised away.
func TestAllocationAccountIsAtLeastWhatWasRequested(t *testing.T) {
	for _, v := range variants {
		values, _ := answer(t, requestFor(v.workload, v.change))
		allocated := number(t, values, "after.alloc_bytes") - number(t, values, "before.alloc_bytes")
		if requested := number(t, values, "requested_bytes"); requested == 0 || allocated < requested {
			t.Errorf("%s %s: %d allocated, %d requested", v.workload, v.change, allocated, requested)
		}
		if rest, live := number(t, values, "rest.heap_used"), number(t, values, "live_bytes"); rest < live {
			t.Errorf("%s %s: %d at rest, %d live", v.workload, v.change, rest, live)
		}
	}
}

func TestChecksumDependsNeitherOnTheLoopNorOnRecording(t *testing.T) {
	for _, name := range []string{"churn", "cache"} {
		closed, _ := answer(t, requestFor(name))
		unrecorded, _ := answer(t, requestFor(name, "record=0"))
		open, keys := answer(t, requestFor(name, "mode=open", "rate=20000"))
		if !strings.Contains(strings.Join(keys, " "), "hist.response hist.service hist.watcher") {
			t.Errorf("%s: open loop has %v", name, keys)
		}
		if unrecorded["hist.service"] != "" || closed["hist.response"] != "" {
			t.Errorf("%s: a histogram too many", name)
		}
		for _, key := range []string{"checksum", "requested_bytes", "live_bytes", "ops"} {
			if closed[key] != open[key] || closed[key] != unrecorded[key] || closed[key] == "" {
				t.Errorf("%s: %s is %s closed, %s open, %s unrecorded", name, key, closed[key], open[key], unrecorded[key])
			}
		}
	}
}

func TestOpenLoopKeepsToItsRate(t *testing.T) {
	values, _ := answer(t, requestFor("cache", "mode=open", "rate=4000", "ops=400"))
	seconds := float64(number(t, values, "mark.end")-number(t, values, "mark.begin")) / 1e9
	if seconds < 0.16 || seconds > 0.4 { // 800 operations at 4000 a second
		t.Errorf("the window took %.3f s", seconds)
	}
}

func TestWrongRequestLeavesStdoutEmptyAndSaysOneLine(t *testing.T) {
	var stdout, stderr strings.Builder
	code := run(strings.NewReader(requestFor("churn", "threads=many")), &stdout, &stderr)
	complaint := stderr.String()
	if code != exitRequest || stdout.Len() > 0 || strings.Count(complaint, "\n") != 1 || !strings.Contains(complaint, "threads") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout.String(), complaint)
	}
}

func TestHoldWaitsForGoAndRefusesAnythingElse(t *testing.T) {
	in, feed := io.Pipe()
	out, back := io.Pipe()
	go func() {
		fmt.Fprint(feed, requestFor("churn"), "go\nstop\n")
		feed.Close()
	}()
	code := make(chan int, 1)
	go func() {
		code <- run(in, back, io.Discard)
		back.Close()
	}()
	answered, _ := io.ReadAll(out)
	if got := <-code; got != exitInvariant || !strings.Contains(string(answered), "error=hold=end: ") {
		t.Errorf("exit %d after %s", got, answered)
	}
}

// broken is a workload that lost something.
type broken struct{ workload }

func (broken) verify() (uint64, error) { return 0, fmt.Errorf("churn: block 7 does not read back") }

func TestABrokenInvariantIsReportedAsError(t *testing.T) {
	r, works, err := parse(requestFor("churn"))
	if err != nil {
		t.Fatal(err)
	}
	works[1] = broken{works[1]}
	h := newHarness(r, works, bufio.NewReader(strings.NewReader("")), bufio.NewWriter(io.Discard))
	if err := h.execute(); err == nil || err.Error() != "thread 1: churn: block 7 does not read back" {
		t.Errorf("execute says %v", err)
	}
}
