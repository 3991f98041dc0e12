package main

import (
	"math"
	"slices"
	"testing"
)

func TestArrivalsAreAPoissonProcessOfTheAskedRate(t *testing.T) {
	const rate, threads, n = 20_000, 4, 200_000
	offsets := arrivals(42, 1, threads, rate, n)
	if !slices.IsSorted(offsets) || offsets[0] < 0 {
		t.Error("arrivals go back in time")
	}
	mean := float64(offsets[n-1]) / n
	want := 1e9 * threads / rate
	if math.Abs(mean/want-1) > 0.01 {
		t.Errorf("mean gap %.0f ns, want %.0f", mean, float64(want))
	}
	// Of an exponential distribution, 1/e of the gaps are longer than the mean.
	long := 0
	for i := 1; i < n; i++ {
		if float64(offsets[i]-offsets[i-1]) > want {
			long++
		}
	}
	if share := float64(long) / n; math.Abs(share-1/math.E) > 0.01 {
		t.Errorf("%.3f of the gaps are longer than the mean, want %.3f", share, 1/math.E)
	}
}

func TestArrivalsGoldenValuesAndThreadsDiffer(t *testing.T) {
	if got := arrivals(42, 0, 2, 20_000, 3); !slices.Equal(got, []int64{225157, 377811, 444059}) {
		t.Errorf("arrivals of seed 42: %v", got)
	}
	if slices.Equal(arrivals(42, 0, 2, 20_000, 3), arrivals(42, 1, 2, 20_000, 3)) {
		t.Error("two threads have the same arrivals")
	}
}

func TestSleepUntilIsNeverEarlyAndSeldomLate(t *testing.T) {
	best := int64(math.MaxInt64)
	for range 20 {
		due := now() + 300_000
		late := sleepUntil(due) - due
		if late < 0 {
			t.Fatalf("woke %d ns early", -late)
		}
		best = min(best, late)
	}
	if best > 600_000 { // a timer of 1 ms grain would wake 700 us late
		t.Errorf("woke %d ns late at best", best)
	}
}

func TestNowIsTheKernelsMonotonicClock(t *testing.T) {
	best := int64(math.MaxInt64)
	for range 100 {
		before, kernel, after := now(), kernelClock(clockMonotonic), now()
		best = min(best, max(before-kernel, kernel-after))
	}
	if best > 2_000 {
		t.Errorf("now() is %d ns off", best)
	}
}
