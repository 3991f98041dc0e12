package main

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
)

// gauges maps the counters' names to runtime/metrics. CPU seconds are sums over the GC cycles that have ended; Go files
// fractional mark workers under dedicated.
var gauges = []struct{ name, metric string }{
	{"gc_cycles", "/gc/cycles/total:gc-cycles"},
	{"heap_used", "/memory/classes/heap/objects:bytes"},
	{"go.assist_cpu_ns", "/cpu/classes/gc/mark/assist:cpu-seconds"},
	{"go.dedicated_cpu_ns", "/cpu/classes/gc/mark/dedicated:cpu-seconds"},
	{"go.idle_mark_cpu_ns", "/cpu/classes/gc/mark/idle:cpu-seconds"},
	{"go.pause_cpu_ns", "/cpu/classes/gc/pause:cpu-seconds"},
	{"go.scavenge_cpu_ns", "/cpu/classes/scavenge/total:cpu-seconds"},
	{"go.limiter_last_enabled_cycle", "/gc/limiter/last-enabled:gc-cycle"},
	{"go.heap_goal_bytes", "/gc/heap/goal:bytes"},
	{"go.heap_live_bytes", "/gc/heap/live:bytes"},
	{"go.heap_objects_bytes", "/memory/classes/heap/objects:bytes"},
	{"go.heap_unused_bytes", "/memory/classes/heap/unused:bytes"},
	{"go.heap_free_bytes", "/memory/classes/heap/free:bytes"},
	{"go.heap_released_bytes", "/memory/classes/heap/released:bytes"},
	{"go.mapped_bytes", "/memory/classes/total:bytes"},
}

// gcTotal includes idle marking, which gc_cpu_ns leaves out: it uses CPUs nobody wanted.
const gcTotal = "/cpu/classes/gc/total:cpu-seconds"

// distributions are cumulative histograms of seconds.
var distributions = []struct{ name, metric string }{
	{"sched_pauses_total_gc", "/sched/pauses/total/gc:seconds"},
	{"sched_pauses_stopping_gc", "/sched/pauses/stopping/gc:seconds"},
}

// counters is one reading of the runtime's own accounts.
type counters struct {
	cpu     int64
	memory  runtime.MemStats
	samples []metrics.Sample
}

// newCounters allocates what a reading needs, and reads once so that the histograms have their buffers.
func newCounters() *counters {
	c := &counters{samples: []metrics.Sample{{Name: gcTotal}}}
	for _, g := range gauges {
		c.samples = append(c.samples, metrics.Sample{Name: g.metric})
	}
	for _, d := range distributions {
		c.samples = append(c.samples, metrics.Sample{Name: d.metric})
	}
	c.read()
	return c
}

// read takes the reading. MemStats stops the world for microseconds: outside the window only. It is there for
// TotalAlloc, which flushes every P's cache and so is exact.
func (c *counters) read() {
	c.cpu = kernelClock(clockProcessTime)
	runtime.ReadMemStats(&c.memory)
	metrics.Read(c.samples)
}

// heap returns the bytes in objects (until swept, dead ones too) and the bytes mapped for the heap and not given back.
func (c *counters) heap() (used, committed uint64) {
	used = c.value("/memory/classes/heap/objects:bytes")
	committed = used + c.value("/memory/classes/heap/unused:bytes") + c.value("/memory/classes/heap/free:bytes")
	return used, committed
}

// slack returns what of the committed bytes is in no object: free and held, and unused in spans that are in use.
func (c *counters) slack() (held, waste uint64) {
	return c.value("/memory/classes/heap/free:bytes"), c.value("/memory/classes/heap/unused:bytes")
}

// settledHeap is what is in objects after two collections: what the first one found dying the second one frees.
func settledHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}

// more is how much larger one reading of the heap is than another.
func more(heap, before uint64) float64 { return float64(heap) - float64(before) }

// collected is kept, so that reading it again allocates nothing.
var collected debug.GCStats

// cycles counts the collections so far: NumGC.
func cycles() int64 {
	debug.ReadGCStats(&collected)
	return collected.NumGC
}

// print writes the counters in the order of the protocol, prefixed with when.
func (c *counters) print(h *harness, when string) {
	h.print(when+".cpu_ns", c.cpu)
	h.print(when+".alloc_bytes", c.memory.TotalAlloc)
	h.print(when+".gc_cpu_ns", c.value(gcTotal)-c.value("/cpu/classes/gc/mark/idle:cpu-seconds"))
	_, committed := c.heap()
	h.print(when+".heap_committed", committed)
	for _, g := range gauges {
		h.print(when+"."+g.name, c.value(g.metric))
	}
	for _, d := range distributions {
		h.print(when+".buckets."+d.name, buckets(c.sample(d.metric).Float64Histogram()))
	}
}

// sample finds a metric in the reading; one that this Go does not have is of KindBad.
func (c *counters) sample(metric string) metrics.Value {
	for i := range c.samples {
		if c.samples[i].Name == metric {
			return c.samples[i].Value
		}
	}
	return metrics.Value{}
}

// value returns a metric as a whole number: bytes, counts, or seconds in ns.
func (c *counters) value(metric string) uint64 {
	switch v := c.sample(metric); v.Kind() {
	case metrics.KindUint64:
		return v.Uint64()
	case metrics.KindFloat64:
		return uint64(math.Round(v.Float64() * 1e9))
	}
	return 0
}

// buckets writes a histogram of seconds as lo:hi:count;... in ns. The outer bounds, infinite in Go, become 0 and 2^63-1.
func buckets(h *metrics.Float64Histogram) string {
	ns := func(seconds float64) uint64 {
		return uint64(math.Round(min(max(seconds*1e9, 0), math.MaxInt64)))
	}
	var parts []string
	for i, count := range h.Counts {
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%d:%d:%d", ns(h.Buckets[i]), ns(h.Buckets[i+1]), count))
		}
	}
	return strings.Join(parts, ";")
}
