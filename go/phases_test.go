package main

import (
	"runtime/debug"
	"testing"
)

// What lives and what an operation asks for, operation by operation, against the course of the load.
func TestTheLoadFollowsItsCourse(t *testing.T) {
	const unit, garbage, warmup = 12, 32, 5
	w := prepared(t, "phases", "threads=1", "p.phase_ops=12", "p.garbage_blocks=32", "ops=1000").(*phases)
	held := func() uint64 {
		n := uint64(0)
		for _, b := range w.table {
			if b != nil {
				n++
			}
		}
		return n
	}
	for range warmup {
		w.operation()
	}
	if want := w.most / 8; held() != want || w.held != want {
		t.Fatalf("%d blocks live after the warm-up, not %d", held(), want)
	}
	for range 2 { // the course begins again
		for _, p := range course {
			for i := range p.length * unit {
				before, asked := w.held, w.requestedBytes()
				w.operation()
				level := i+1 >= p.length*unit/4
				if level && w.held != w.most*p.live/8 {
					t.Fatalf("phase %+v: %d of %d blocks live after operation %d", p, w.held, w.most, i)
				}
				if w.held != held() || w.liveBytes() != held()*phasePayload {
					t.Fatalf("phase %+v: %d blocks live, %d are counted", p, held(), w.held)
				}
				made := garbage * p.garbage / 16
				if w.held > before {
					made += w.held - before
				}
				if got := w.requestedBytes() - asked; got != made*phaseAsked {
					t.Fatalf("phase %+v: %d bytes asked for, not %d blocks", p, got, made)
				}
			}
		}
	}
	if _, err := w.verify(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsToldOfPhasesFitsTogether(t *testing.T) {
	percent := debug.SetGCPercent(80)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	values, _ := answer(t, requestFor("phases", "threads=1", "p.live_bytes=8388608", "p.phase_ops=100", "ops=800"))
	told := func(name string) float64 { return measured(t, values, name) }
	mean, peak, gc := told("memory_mean_bytes"), told("memory_peak_bytes"), told("gc_total_ns")
	if mean < 8388608/8 || mean > peak {
		t.Errorf("%.0f bytes held on the mean and %.0f at most", mean, peak)
	}
	if all, spread := told("gc_total_share"), told("phase_spread_share"); all <= 0 || all > 1 || spread < 0 || spread > 1 {
		t.Errorf("%.3f of the time for collecting, %.3f from phase to phase", all, spread)
	}
	if product, want := told("gc_mib_seconds"), mean/(1<<20)*gc/1e9; product < want*0.999 || product > want*1.001 {
		t.Errorf("the product of %.0f bytes and %.0f ns is %.6f, not %.6f", mean, gc, product, want)
	}
	if told("cpu_mib_seconds") <= 0 {
		t.Error("the process had no CPU")
	}
	if low, high := told("gogc_lowest"), told("gogc_highest"); low != 80 || high != 80 {
		t.Errorf("GOGC was 80, and is told from %.0f to %.0f", low, high)
	}
	allocated := number(t, values, "after.alloc_bytes") - number(t, values, "before.alloc_bytes")
	if requested := number(t, values, "requested_bytes"); requested == 0 || allocated < requested {
		t.Errorf("%d allocated, %d requested", allocated, requested)
	}
}

func TestLookingAllocatesNothing(t *testing.T) {
	seen := newFootprint()
	seen.start()
	limit := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(limit) })
	controller := newTuner(law{target: 0.1, lowest: 100, highest: 100, limit: limit})
	for name, look := range map[string]func(){"footprint": seen.look, "tuner": controller.look} {
		if n := testing.AllocsPerRun(100, look); n > 0 {
			t.Errorf("%s: %g allocations a look", name, n)
		}
	}
}
