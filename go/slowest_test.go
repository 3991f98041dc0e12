package main

import (
	"bufio"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// slowRequest is one entry of the line slowest=intended:response;...
type slowRequest struct{ intended, response int64 }

func slowestOf(t *testing.T, values map[string]string) (all []slowRequest) {
	t.Helper()
	for entry := range strings.SplitSeq(values["slowest"], ";") {
		intended, response, _ := strings.Cut(entry, ":")
		a, errA := strconv.ParseInt(intended, 10, 64)
		b, errB := strconv.ParseInt(response, 10, 64)
		if errA != nil || errB != nil {
			t.Fatalf("slowest has %q", entry)
		}
		all = append(all, slowRequest{a, b})
	}
	return all
}

func TestTheWindowIsCutIntoAPowerOfTwoNsAndAtMost1024Slices(t *testing.T) {
	for _, last := range []int64{0, 1, 511, 512, 1023, 1024, 1 << 20, 1<<20 - 1, 5_000_000_000, longest} {
		s := newSlowest(last)
		count := int64(len(s.longest))
		if count > 1024 || last>>s.shift != count-1 || last >= 512 && count <= 512 || len(s.intended) != len(s.longest) {
			t.Errorf("%d ns: %d slices of 2^%d ns", last, count, s.shift)
		}
	}
}

func TestNoteKeepsTheSlowestOfItsSliceAndNeverAllocates(t *testing.T) {
	s := newSlowest(1 << 19) // slices of 1024 ns
	s.begin = 5000
	allocated := testing.AllocsPerRun(100, func() {
		s.until = 0 // as at the window's begin
		s.note(5000, 70)
		s.note(6023, 90)           // the same slice
		s.note(6022, 80)           // faster
		s.note(6024, 10)           // the next slice
		s.note(5000+(1<<19)+7, 30) // the last slice
		s.note(1<<60, 60)          // beyond it
	})
	if allocated != 0 {
		t.Errorf("note allocates %.0f times", allocated)
	}
	if got := encodeSlowest(s); got != "6023:90;6024:10;1152921504606846976:60" {
		t.Errorf("noted %s", got)
	}
}

func TestMergingKeepsTheSlowestOfAllThreadsAndLeavesEmptySlicesOut(t *testing.T) {
	a, b := newSlowest(1<<19), newSlowest(1<<19)
	for _, s := range []*slowest{a, b} {
		s.begin = 1
	}
	if got := encodeSlowest(mergeSlowest([]*slowest{a, b})); got != "" {
		t.Errorf("nothing merged is %q", got)
	}
	a.note(10, 500)
	b.note(20, 400)
	a.note(5000, 300)
	b.note(5001, 301)
	b.note(9000, 1)
	if got := encodeSlowest(mergeSlowest([]*slowest{a, b})); got != "10:500;5001:301;9000:1" {
		t.Errorf("merged %s", got)
	}
}

func TestTheSlowestOfAnOpenLoopIsTheMaximumOfItsHistogramAndEachIsDueInItsSlice(t *testing.T) {
	values, keys := answer(t, requestFor("churn", "mode=open", "rate=20000", "ops=500"))
	if !strings.Contains(strings.Join(keys, " "), "hist.watcher slowest done") {
		t.Errorf("answer has %v", keys)
	}
	response, err := hdrhistogram.Decode([]byte(values["hist.response"]))
	if err != nil {
		t.Fatal(err)
	}
	begin, end := int64(number(t, values, "mark.begin")), int64(number(t, values, "mark.end"))
	due := map[int64]bool{}
	last := int64(0)
	for thread := range 2 {
		for _, offset := range arrivals(42, thread, 2, 20_000, 500) {
			due[begin+offset] = true
			last = max(last, offset)
		}
	}
	shift := newSlowest(last).shift
	most, before := int64(0), int64(-1)
	for _, s := range slowestOf(t, values) {
		slice := (s.intended - begin) >> shift
		if slice <= before || !due[s.intended] || s.response < 1 || s.intended+s.response > end {
			t.Errorf("slice %d after %d: %v in a window of %d to %d", slice, before, s, begin, end)
		}
		delete(due, s.intended)
		most, before = max(most, s.response), slice
	}
	if !response.ValuesAreEquivalent(most, response.Max()) {
		t.Errorf("slowest %d ns, the histogram's maximum is %d", most, response.Max())
	}
	slices := map[int64]bool{}
	for at := range due {
		slices[(at-begin)>>shift] = true
	}
	for _, s := range slowestOf(t, values) {
		delete(slices, (s.intended-begin)>>shift)
	}
	if len(slices) > 0 {
		t.Errorf("%d slices in which a request was due are left out", len(slices))
	}
}

func TestOnlyARecordedOpenLoopTellsItsSlowest(t *testing.T) {
	for _, changes := range [][]string{nil, {"mode=open", "rate=20000", "record=0"}} {
		values, _ := answer(t, requestFor("churn", changes...))
		if text, told := values["slowest"]; told {
			t.Errorf("%v: slowest=%s", changes, text)
		}
	}
}

// stalling is a workload of which one operation takes longer than the others together.
type stalling struct {
	workload
	operations int
}

const stallOf, stalls = 150, 60 * time.Millisecond

func (w *stalling) operation() uint64 {
	if w.operations++; w.operations == 5+stallOf+1 { // after 5 of warm-up
		time.Sleep(stalls)
	}
	return w.workload.operation()
}

func TestAStalledOperationIsTheSlowestOfTheSliceInWhichItWasDue(t *testing.T) {
	r, works, err := parse(requestFor("churn", "mode=open", "rate=2000", "ops=300"))
	if err != nil {
		t.Fatal(err)
	}
	works[1] = &stalling{workload: works[1]}
	var text strings.Builder
	out := bufio.NewWriter(&text)
	if err := newHarness(r, works, bufio.NewReader(strings.NewReader("")), out).execute(); err != nil {
		t.Fatal(err)
	}
	out.Flush()
	values := map[string]string{}
	for line := range strings.Lines(text.String()) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		values[key] = value
	}
	begin := int64(number(t, values, "mark.begin"))
	mine, other := arrivals(42, 1, 2, 2000, 300), arrivals(42, 0, 2, 2000, 300)
	shift := newSlowest(max(mine[299], other[299])).shift
	for _, s := range slowestOf(t, values) {
		if (s.intended-begin)>>shift == mine[stallOf]>>shift {
			if s.response < int64(stalls) {
				t.Errorf("its slice's slowest took %d ns", s.response)
			}
			return
		}
	}
	t.Errorf("nothing noted %d ns after the window's begin", mine[stallOf])
}
