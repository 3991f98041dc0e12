package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
)

// footprint follows what the runtime holds of the machine's memory and what collecting costs, over a window and over each stretch of it. It reads
// runtime/metrics, which neither stops the world nor allocates.
type footprint struct {
	samples []metrics.Sample
	percent [2]float64 // least and most GOGC seen; 0 is off
	held    float64    // bytes at the last look
	at      int64      // when that was, CLOCK_MONOTONIC in ns
	began   int64
	peak    float64 // bytes
	area    float64 // bytes x ns
	cpu     int64   // of the process when the window began, ns
	spent   int64   // of the process, in the window, ns
	gc      float64 // of the collector when the window began, ns
	turned  int64   // when the stretch began
	turnGC  float64 // and the collector's CPU then
	shares  []float64
}

const (
	mappedTotal  = "/memory/classes/total:bytes"
	heapReleased = "/memory/classes/heap/released:bytes"
	gogcPercent  = "/gc/gogc:percent"
)

// newFootprint allocates what a look needs.
func newFootprint() footprint {
	return footprint{
		samples: []metrics.Sample{{Name: mappedTotal}, {Name: heapReleased}, {Name: gogcPercent}, {Name: gcTotal}},
		shares:  make([]float64, 0, 64),
	}
}

// start begins the window.
func (f *footprint) start() {
	bookMarking()
	f.began, f.cpu = now(), kernelClock(clockProcessTime)
	metrics.Read(f.samples)
	f.at, f.held = f.began, f.memory()
	f.peak, f.gc = f.held, f.collecting()
	f.turned, f.turnGC = f.began, f.gc
	f.percent = [2]float64{f.gogc(), f.gogc()}
}

// look adds what is held, weighed by the time since the last look: the mean of both.
func (f *footprint) look() {
	metrics.Read(f.samples)
	at, held := now(), f.memory()
	f.area += (f.held + held) / 2 * float64(at-f.at)
	f.at, f.held, f.peak = at, held, max(f.peak, held)
	f.percent = [2]float64{min(f.percent[0], f.gogc()), max(f.percent[1], f.gogc())}
}

// turn ends a stretch, and perhaps the window.
func (f *footprint) turn() {
	bookMarking()
	f.look()
	gc := f.collecting()
	f.shares = append(f.shares, share(gc-f.turnGC, f.at-f.turned))
	f.turned, f.turnGC, f.spent = f.at, gc, kernelClock(clockProcessTime)-f.cpu
}

// bookMarking waits for a mark that is under way, since its CPU is in the account only when it has ended: that is what switching GOGC off does. No
// cycle is added.
func bookMarking() { debug.SetGCPercent(debug.SetGCPercent(-1)) }

// share is CPU over what GOMAXPROCS could have had of it.
func share(cpu float64, elapsed int64) float64 {
	return cpu / (float64(elapsed) * float64(runtime.GOMAXPROCS(0)))
}

func (f *footprint) memory() float64 {
	return more(f.samples[0].Value.Uint64(), f.samples[1].Value.Uint64())
}

// gogc is 0 where collecting by GOGC is off.
func (f *footprint) gogc() float64 {
	if percent := f.samples[2].Value.Uint64(); percent <= math.MaxInt32 {
		return float64(percent)
	}
	return 0
}

// collecting is the collector's CPU so far in ns, marking on processors that were idle included: how often it marks is what GOGC decides, and on
// which processors is not.
func (f *footprint) collecting() float64 { return f.samples[3].Value.Float64() * 1e9 }

// values are those of the window, which the last turn ended.
func (f *footprint) values() []value {
	const mib, second = 1 << 20, 1e9
	elapsed := f.at - f.began
	mean := f.area / float64(elapsed)
	gc := f.turnGC - f.gc
	return []value{
		{"memory_mean_bytes", mean},
		{"memory_peak_bytes", f.peak},
		{"gc_total_ns", gc},
		{"gc_total_share", share(gc, elapsed)},
		{"phase_spread_share", slices.Max(f.shares) - slices.Min(f.shares)},
		{"gc_mib_seconds", mean / mib * gc / second},
		{"cpu_mib_seconds", mean / mib * float64(f.spent) / second},
		{"gogc_lowest", f.percent[0]},
		{"gogc_highest", f.percent[1]},
	}
}
