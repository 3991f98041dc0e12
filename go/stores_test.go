package main

import (
	"bufio"
	"bytes"
	"math"
	"strings"
	"testing"

	cpuprofile "github.com/google/pprof/profile"
)

func TestTheBarrierIsInAProfileWhileMarkingAndNotBefore(t *testing.T) {
	window := []string{"threads=1", "p.live_bytes=16777216", "p.stores_per_op=4096", "warmup_ops=10", "ops=8000"}
	idle, _ := answer(t, requestFor("stores", append(window, "p.collecting=idle")...))
	marking, _ := answer(t, requestFor("stores", append(window, "p.collecting=marking")...))
	if share := measured(t, idle, "barrier_share"); share != 0 {
		t.Errorf("%.4f of the samples are in the barrier though nothing collects", share)
	}
	if share := measured(t, marking, "barrier_share"); share <= 0 || share >= 1 {
		t.Errorf("%.4f of the samples are in the barrier while marking", share)
	}
	if idle["checksum"] != marking["checksum"] {
		t.Error("collecting changed what is stored")
	}
	for key, values := range map[string]map[string]string{"idle": idle, "marking": marking} {
		pointer, plain := measured(t, values, "pointer_store_ns"), measured(t, values, "number_store_ns")
		if barrier := measured(t, values, "barrier_ns"); pointer <= 0 || plain <= 0 || math.Abs(barrier-(pointer-plain)) > 1e-9 {
			t.Errorf("%s: %f - %f is not %f", key, pointer, plain, barrier)
		}
		if ratio := measured(t, values, "store_ratio"); math.Abs(ratio-pointer/plain) > 1e-9 {
			t.Errorf("%s: %f / %f is not %f", key, pointer, plain, ratio)
		}
		collected := number(t, values, "after.gc_cycles") - number(t, values, "before.gc_cycles")
		if (collected > 0) != (key == "marking") {
			t.Errorf("%s: %d collections in the window", key, collected)
		}
	}
}

func TestCollectionsEndWithTheWindowAlsoWithOneThatIsCutShort(t *testing.T) {
	for _, operations := range []int{5 + 20, 5 + 7} {
		w := prepared(t, "stores", "threads=1", "p.collecting=marking").(*stores)
		for range 6 { // the warm-up, and the first one of the window
			w.operation()
		}
		ended := w.ended
		if ended == nil {
			t.Fatal("the window has begun and nothing forces collections")
		}
		for range operations - 6 {
			w.operation()
		}
		if _, err := w.verify(); err != nil {
			t.Error(err)
		}
		select {
		case <-ended:
		default:
			t.Errorf("collections go on after %d operations", operations)
		}
		if w.profiling {
			t.Errorf("the profile goes on after %d operations", operations)
		}
	}
}

// taken is a profile of so many samples for each stack of functions, the innermost first.
func taken(t *testing.T, samples map[string]int64) []byte {
	t.Helper()
	p := &cpuprofile.Profile{
		SampleType: []*cpuprofile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		Mapping:    []*cpuprofile.Mapping{{ID: 1}},
	}
	for stack, count := range samples {
		sample := &cpuprofile.Sample{Value: []int64{count, count * 10_000_000}}
		for name := range strings.FieldsSeq(stack) {
			function := &cpuprofile.Function{ID: uint64(len(p.Function) + 1), Name: name}
			location := &cpuprofile.Location{ID: function.ID, Mapping: p.Mapping[0], Line: []cpuprofile.Line{{Function: function}}}
			p.Function, p.Location = append(p.Function, function), append(p.Location, location)
			sample.Location = append(sample.Location, location)
		}
		p.Sample = append(p.Sample, sample)
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestSamplesAnywhereBelowTheBarrierCountAsItsOwn(t *testing.T) {
	share, samples := barrierShare(taken(t, map[string]int64{
		"main.(*stores).storePointers main.(*stores).operation":                                    10,
		"gcWriteBarrier main.(*stores).storePointers":                                              20,
		"runtime.findObject runtime.wbBufFlush1 runtime.wbBufFlush.func1 main.(*stores).operation": 30,
		"runtime.gcDrain runtime.gcBgMarkWorker":                                                   40,
	}))
	if share != 0.5 || samples != 100 {
		t.Errorf("%.2f of %.0f samples", share, samples)
	}
	if share, samples := barrierShare(taken(t, nil)); !math.IsNaN(share) || samples != 0 {
		t.Errorf("%.2f of %.0f samples where there are none", share, samples)
	}
	if share, samples := barrierShare(nil); !math.IsNaN(share) || !math.IsNaN(samples) {
		t.Errorf("%.2f of %.0f samples without a profile", share, samples)
	}
}

func TestAValueThatIsNotToldIsBlank(t *testing.T) {
	var out strings.Builder
	untold := &stores{ops: 1, storesPerOp: 64, pointerNs: 128, numberNs: 64}
	h := newHarness(&request{}, []workload{untold}, nil, bufio.NewWriter(&out))
	h.printValues()
	h.out.Flush()
	want := "value.pointer_store_ns=2\nvalue.number_store_ns=1\nvalue.barrier_ns=1\nvalue.store_ratio=2\n" +
		"value.barrier_share=\nvalue.profile_samples=\n"
	if out.String() != want {
		t.Errorf("%s, want\n%s", out.String(), want)
	}
}
