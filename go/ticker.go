package main

import (
	"runtime/metrics"
	"strconv"
)

const (
	// tickEvery is how far apart ticks are due, in ns.
	tickEvery = 1_000_000_000
	// mostTicks is how many a run keeps, more than an hour's; of a longer one the last two are further apart.
	mostTicks = 4096
)

// tick is one look at accounts that only grow, and at the heap: a report takes differences.
type tick struct {
	at        int64  // CLOCK_MONOTONIC
	cpu       int64  // of the process, ns
	allocated uint64 // bytes so far
	used      uint64 // bytes in objects, dead ones too until they are swept
}

// ticker looks once a second. It is the harness's outside the window and the watcher's inside.
type ticker struct {
	ticks   []tick
	due     int64 // CLOCK_MONOTONIC
	samples []metrics.Sample
}

// newTicker allocates what the ticks need, and reads once so that the first of them does not.
func newTicker() *ticker {
	t := &ticker{
		ticks: make([]tick, 0, mostTicks),
		samples: []metrics.Sample{
			{Name: "/gc/heap/allocs:bytes"},
			{Name: "/memory/classes/heap/objects:bytes"},
		},
	}
	metrics.Read(t.samples)
	return t
}

// note looks now. These metrics neither stop the world nor flush the Ps' caches, so that what lies in them is told late;
// a reading of MemStats just before makes it exact, as at both ends of the window.
func (t *ticker) note() {
	at := now()
	metrics.Read(t.samples)
	cpu := kernelClock(clockProcessTime)
	t.ticks = append(t.ticks, tick{at, cpu, t.samples[0].Value.Uint64(), t.samples[1].Value.Uint64()})
	first := t.ticks[0].at
	t.due = first + ((at-first)/tickEvery+1)*tickEvery
}

// noteIfDue looks if it is time to; the last place is kept for the end of the window. It never allocates.
func (t *ticker) noteIfDue(at int64) {
	if at >= t.due && len(t.ticks) < mostTicks-1 {
		t.note()
	}
}

// encodeTicks returns at:cpu:allocated:used;... in order of time.
func encodeTicks(ticks []tick) string {
	var text []byte
	for _, t := range ticks {
		if len(text) > 0 {
			text = append(text, ';')
		}
		text = strconv.AppendInt(text, t.at, 10)
		text = append(text, ':')
		text = strconv.AppendInt(text, t.cpu, 10)
		text = append(text, ':')
		text = strconv.AppendUint(text, t.allocated, 10)
		text = append(text, ':')
		text = strconv.AppendUint(text, t.used, 10)
	}
	return string(text)
}
