package main

import (
	"bytes"
	"fmt"
	"math"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync/atomic"

	cpuprofile "github.com/google/pprof/profile"
)

// stores is an experiment: references and then numbers are written over in random places of what lives, and timed apart, while nothing
// collects or while one forced collection follows the other. The traffic is the same, so that what a reference costs more is the barrier.
type stores struct {
	random      generator
	base        uint64 // number of the first node
	marking     bool   // collections are forced throughout the window
	storesPerOp uint64
	warmupOps   uint64
	ops         uint64 // of the window
	table       []*storeNode
	requested   uint64
	operations  uint64
	pointerNs   int64 // of the window's stretches
	numberNs    int64
	stopped     atomic.Bool
	ended       chan struct{} // closed by the thread that forces collections; nil while there is none
	profiling   bool
	profile     bytes.Buffer // of the CPU, over the window
}

// storeNode is what is written to: a number and a reference that change, and beside them what must not.
type storeNode struct {
	id, number uint64
	to, beside *storeNode
}

const (
	storeNodePayload = 16 + 2*reference
	storeNodeAsked   = 16 + 2*reference/2
)

func newStores(r *request, t int) workload {
	random := split(r.seed, t)
	return &stores{
		random:      random,
		base:        mix(r.seed) >> 32,
		marking:     r.word("collecting", "idle", "marking") == "marking",
		storesPerOp: r.param("stores_per_op", 64, 1<<20),
		warmupOps:   r.warmupOps,
		ops:         r.ops,
		table:       make([]*storeNode, slotsFor(r.share(storeNodePayload), storeNodePayload)),
	}
}

// setup makes the nodes, each of which refers to its neighbour, and has them grow old where a collector knows ages.
func (w *stores) setup() {
	for i := range w.table {
		w.table[i] = &storeNode{id: w.base + uint64(i)}
		w.requested += storeNodeAsked
	}
	for i, at := range w.table {
		at.beside = w.table[(i+1)%len(w.table)]
		at.to = at.beside
	}
	settledHeap()
}

// operation is a stretch of references and one of numbers, each timed as a whole.
func (w *stores) operation() uint64 {
	if w.operations == w.warmupOps {
		w.begin()
	}
	start := now()
	node := w.storePointers()
	between := now()
	number := w.storeNumbers()
	end := now()
	w.pointerNs += between - start
	w.numberNs += end - between
	w.operations++
	if w.operations == w.warmupOps+w.ops {
		w.finish()
	}
	return fold(node, number)
}

// begin starts what belongs to the window alone: the sums, the profile and the collections.
func (w *stores) begin() {
	w.pointerNs, w.numberNs = 0, 0
	w.profiling = pprof.StartCPUProfile(&w.profile) == nil
	if !w.marking {
		return
	}
	ended := make(chan struct{})
	w.ended = ended
	go func() {
		defer close(ended)
		for {
			runtime.GC()
			if w.stopped.Load() {
				return
			}
		}
	}()
}

// storePointers writes over the reference of one random node after the other; each comes to refer to the one before it.
// Each is read, too: a store to what nobody has read need not wait for its line, and a barrier may have to read that line.
func (w *stores) storePointers() uint64 {
	sum, last := uint64(0), w.table[0]
	for range w.storesPerOp {
		at := w.table[w.random.below(uint64(len(w.table)))]
		sum += at.id
		at.to = last
		last = at
	}
	return sum
}

// storeNumbers does the same with the nodes' places in the table.
func (w *stores) storeNumbers() uint64 {
	sum, last := uint64(0), uint64(0)
	for range w.storesPerOp {
		i := w.random.below(uint64(len(w.table)))
		at := w.table[i]
		sum += at.id
		at.number = last
		last = i
	}
	return sum
}

// finish ends what begin started, at the end of the window; nothing is left to do where that was done.
func (w *stores) finish() {
	if w.ended != nil {
		w.stopped.Store(true)
		<-w.ended
		w.ended = nil
	}
	if w.profiling {
		pprof.StopCPUProfile()
		w.profiling = false
	}
}

func (w *stores) verify() (uint64, error) {
	w.finish() // of a window that was cut short
	sum, n := uint64(0), uint64(len(w.table))
	for i, at := range w.table {
		to := at.to.id - w.base
		ok := at.id == w.base+uint64(i) && at.beside == w.table[(i+1)%len(w.table)]
		if !ok || to >= n || w.table[to] != at.to || at.number >= n {
			return sum, fmt.Errorf("stores: node %d or what is stored in it is broken", w.base+uint64(i))
		}
		sum = fold(fold(sum, at.to.id), at.number)
	}
	return sum, nil
}

func (w *stores) liveBytes() uint64      { return uint64(len(w.table)) * storeNodePayload }
func (w *stores) requestedBytes() uint64 { return w.requested }
func (w *stores) drop()                  {}

func (w *stores) values() []value {
	stored := float64(w.ops * w.storesPerOp)
	pointer, number := float64(w.pointerNs)/stored, float64(w.numberNs)/stored
	share, samples := barrierShare(w.profile.Bytes())
	return []value{
		{"pointer_store_ns", pointer},
		{"number_store_ns", number},
		{"barrier_ns", pointer - number},
		{"store_ratio", pointer / number},
		{"barrier_share", share},
		{"profile_samples", samples},
	}
}

// barrierShare is the share of a CPU profile's samples that lie in the write barrier, and how many samples there are; not told (NaN) of
// what is no profile, and no share of none.
func barrierShare(profile []byte) (share, samples float64) {
	read, err := cpuprofile.ParseData(profile)
	if err != nil {
		return math.NaN(), math.NaN()
	}
	inside := 0.0
	for _, sample := range read.Sample {
		count := float64(sample.Value[0]) // the second one is in ns
		samples += count
		if inBarrier(sample) {
			inside += count
		}
	}
	return inside / samples, samples
}

// barriers are how the names begin of the functions that a store calls where the barrier is on, and not before. What the compiler puts
// beside each store, the look whether it is on, is part of the function that stores.
var barriers = []string{
	"gcWriteBarrier", "runtime.gcWriteBarrier", // asm_*.s: room in the buffer of the P
	"runtime.wbBufFlush", "runtime.(*wbBuf).", // mwbbuf.go: and when it is full
	"runtime.wbMove", "runtime.wbZero", // mbarrier.go
	"runtime.bulkBarrierPreWrite", "runtime.typeBitsBulkBarrier", // mbitmap.go
}

// inBarrier: is one of them on the stack?
func inBarrier(sample *cpuprofile.Sample) bool {
	for _, location := range sample.Location {
		for _, line := range location.Line {
			for _, barrier := range barriers {
				if line.Function != nil && strings.HasPrefix(line.Function.Name, barrier) {
					return true
				}
			}
		}
	}
	return false
}
