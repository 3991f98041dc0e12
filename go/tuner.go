package main

import (
	"fmt"
	"math"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"
)

// The tuner is a controller that moves GOGC while the program runs, so that collecting takes a given share of GOMAXPROCS x time whatever the load.
// It is on where the environment says so, and nothing of it is there otherwise.
//
//   - Plant. A cycle marks what lives and comes after so much allocation, so the share is (cost of marking x allocation rate) / GOGC, up to what
//     the workload does: in logarithms a straight line of slope -1, whatever lives.
//   - Law. GOGC is multiplied by (share / target)^gain, by 2 at most and 1/2 at least. With a gain of 1/2 each step halves the distance in
//     logarithms, so that one odd cycle does not count for all and nothing overshoots. Within a tenth of the target nothing moves.
//   - Readings. Go books a cycle's CPU when the cycle ends, so a share is that of the time between the ends of two cycles. Where none has ended since,
//     the share that a cycle as dear as the last would make if it ended now is an upper bound: one below the target lowers GOGC, until the
//     heap that there is would begin a cycle, and never raises it.
//   - Bounds and windup. GOGC stays within its bounds and is itself all that the law remembers: no sum grows while it is at one of them. Where the memory limit
//     and not GOGC decides when the next cycle begins, more GOGC would change nothing now and be too much later, so it is not raised.
//   - Limit. It is the budget and stays there. To lower it as the live set falls looks right and is not: below what is mapped, Go takes the excess off
//     the heap's goal and collects without pause until the scavenger, which may take 1 % of the time, has given the rest back.
//
// The share has idle marking in it, which a program with fewer threads than GOMAXPROCS gets for nothing. What the tuner itself takes is CPU of the process.

const (
	// Thousandths of GOMAXPROCS x time that collecting may take. The tuner runs where it is set.
	tunerTarget = "GCRUCIBLE_TUNER_TARGET"
	// Bounds of GOGC: lowest-highest.
	tunerGOGC = "GCRUCIBLE_TUNER_GOGC"
	// The memory limit in bytes.
	tunerLimit = "GCRUCIBLE_TUNER_LIMIT"

	tunerTick = 20 * time.Millisecond
)

// law is what the controller is to hold, and within which bounds.
type law struct {
	target          float64 // share of GOMAXPROCS x time
	lowest, highest float64 // GOGC
	limit           int64   // bytes
}

const (
	lawGain     = 0.5
	lawMostStep = 2.0
	lawDeadBand = 0.1
)

// reading is what the law is told.
type reading struct {
	share   float64 // of collecting, since the last reading
	waiting bool    // no cycle has ended since: share is that of one like the last which ended now
	reached float64 // the GOGC at which a cycle would begin with the heap as it is
	limited bool    // the limit and not GOGC decides when the next cycle begins
}

// step is the GOGC that follows.
func (l law) step(gogc float64, seen reading) float64 {
	if ratio := seen.share / l.target; math.Abs(ratio-1) > lawDeadBand {
		next := gogc * min(max(math.Pow(ratio, lawGain), 1/lawMostStep), lawMostStep)
		if seen.waiting {
			next = max(next, seen.reached)
		}
		if seen.waiting || seen.limited {
			next = min(next, gogc)
		}
		gogc = next
	}
	return min(max(gogc, l.lowest), l.highest)
}

// lawFrom reads the environment; nil where the tuner is off. An error names the variable.
func lawFrom(getenv func(string) string) (*law, error) {
	if getenv(tunerTarget) == "" {
		return nil, nil
	}
	target, err := setting(tunerTarget, getenv(tunerTarget), 1, 999)
	if err != nil {
		return nil, err
	}
	low, high, _ := strings.Cut(getenv(tunerGOGC), "-")
	lowest, err := setting(tunerGOGC, low, 1, 10_000)
	if err != nil {
		return nil, err
	}
	highest, err := setting(tunerGOGC, high, lowest, 10_000)
	if err != nil {
		return nil, err
	}
	limit, err := setting(tunerLimit, getenv(tunerLimit), 1<<20, 1<<50)
	if err != nil {
		return nil, err
	}
	return &law{float64(target) / 1000, float64(lowest), float64(highest), limit}, nil
}

func setting(name, text string, lo, hi int64) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < lo || n > hi {
		return 0, fmt.Errorf("%s: %q is not a whole number from %d to %d", name, text, lo, hi)
	}
	return n, nil
}

// tune starts the tuner where the environment asks for it; it runs as long as the process.
func tune(getenv func(string) string) error {
	law, err := lawFrom(getenv)
	if law == nil || err != nil {
		return err
	}
	t := newTuner(*law)
	go func() {
		for range time.Tick(tunerTick) {
			t.look()
		}
	}()
	return nil
}

// tuner is the law with what it has seen of this process.
type tuner struct {
	law     law
	gogc    float64 // between whole numbers, so that small steps add up
	samples []metrics.Sample
	since   int64 // when the last cycle was seen, CLOCK_MONOTONIC in ns
	cycles  uint64
	gc, all float64 // CPU seconds by then: the collector's, and GOMAXPROCS x time
	dear    float64 // CPU seconds of one cycle
}

// newTuner begins with the GOGC that is in force, or the bound next to it, and sets the limit.
func newTuner(l law) *tuner {
	debug.SetMemoryLimit(l.limit)
	t := &tuner{law: l}
	for _, name := range []string{"/gc/cycles/total:gc-cycles", gcTotal, "/cpu/classes/total:cpu-seconds", gogcPercent, "/gc/heap/live:bytes",
		"/gc/heap/goal:bytes", "/memory/classes/heap/objects:bytes"} {
		t.samples = append(t.samples, metrics.Sample{Name: name})
	}
	metrics.Read(t.samples)
	t.gogc = min(max(float64(t.samples[3].Value.Uint64()), l.lowest), l.highest)
	debug.SetGCPercent(int(math.Round(t.gogc))) // with GOGC=off there might be no first cycle
	return t
}

// look takes a reading and does what the law says.
func (t *tuner) look() {
	metrics.Read(t.samples)
	cycles, gc, all := t.samples[0].Value.Uint64(), t.samples[1].Value.Float64(), t.samples[2].Value.Float64()
	set, live := t.samples[3].Value.Uint64(), float64(t.samples[4].Value.Uint64())
	goal, objects := float64(t.samples[5].Value.Uint64()), float64(t.samples[6].Value.Uint64())
	if live == 0 {
		return // before the first cycle
	}
	at := now()
	seen := reading{
		reached: (objects/live - 1) * 100,
		limited: goal < 0.95*live*(1+t.gogc/100),
	}
	switch ended := cycles - t.cycles; {
	case ended > 0 && all > t.all:
		seen.share = (gc - t.gc) / (all - t.all)
		t.dear = (gc - t.gc) / float64(ended)
		t.since, t.cycles, t.gc, t.all = at, cycles, gc, all
	case ended == 0 && at > t.since:
		seen.waiting = true
		seen.share = share(t.dear*1e9, at-t.since)
	default:
		return
	}
	t.gogc = t.law.step(t.gogc, seen)
	// Compared with what is in force, since bookMarking may have put an earlier one back.
	if percent := uint64(math.Round(t.gogc)); percent != set {
		debug.SetGCPercent(int(percent))
	}
}
