package main

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
	"weak"
)

// finalizers is an experiment: handles that were opened and let go of, some of them closed, and which of the others a collection reports.
type finalizers struct {
	kind           string
	base           uint64 // number of the first block
	opened, closed uint64
	blocks         []*cell // what lives
	requested      uint64
	operations     uint64
	reported       atomic.Uint64
}

const blockData = 1016 // with its id 1 KiB of payload

// handle is something that must be closed; of a pair each knows the other.
type handle struct {
	data   []byte
	closed bool
	other  *handle
	weak   weak.Pointer[handle]
}

func newFinalizers(r *request, t int) workload {
	return &finalizers{
		kind:   r.word("kind", "alone", "cycle", "broken", "weak", "cleanup"),
		base:   mix(r.seed) >> 32,
		opened: r.param("opened", 2, 1<<20),
		closed: r.param("closed", 0, 1<<20),
		blocks: make([]*cell, slotsFor(r.share(8+blockData), 8+blockData)),
	}
}

// setup makes what lives.
func (w *finalizers) setup() {
	for i := range w.blocks {
		w.blocks[i] = newCell(w.base+uint64(i), blockData)
		w.requested += w.blocks[i].requested()
	}
}

// operation forces a collection and waits for what it reports; the first one has opened handles and let go of them before.
func (w *finalizers) operation() uint64 {
	if w.operations == 0 {
		w.open()
	}
	runtime.GC()
	w.wait()
	sum, _ := w.blocks[w.operations%uint64(len(w.blocks))].readBack()
	w.operations++
	return sum
}

// open makes handles, closes some of them, and keeps none.
//
//go:noinline
func (w *finalizers) open() {
	if w.kind == "alone" {
		for i := range w.opened {
			one := w.newHandle()
			w.watch(one)
			if i < w.closed {
				w.close(one)
			}
		}
		return
	}
	for range w.opened / 2 {
		a, b := w.newHandle(), w.newHandle()
		a.other, b.other = b, a
		switch w.kind {
		case "broken":
			b.other = nil
		case "weak":
			b.other, b.weak = nil, weak.Make(a)
		}
		w.watch(a)
		w.watch(b)
	}
}

func (w *finalizers) newHandle() *handle {
	w.requested += blockData
	return &handle{data: make([]byte, blockData)}
}

// watch has it reported when it is found dead without having been closed.
func (w *finalizers) watch(one *handle) {
	if w.kind == "cleanup" {
		runtime.AddCleanup(one, func(reported *atomic.Uint64) { reported.Add(1) }, &w.reported)
		return
	}
	runtime.SetFinalizer(one, func(dead *handle) {
		if !dead.closed {
			w.reported.Add(1)
		}
	})
}

func (w *finalizers) close(one *handle) {
	one.closed = true
	runtime.SetFinalizer(one, nil)
}

// wait waits until nothing has been reported for a while.
func (w *finalizers) wait() {
	const step, still = 5 * time.Millisecond, 10
	for calm, last := 0, w.reported.Load(); calm < still; calm++ {
		time.Sleep(step)
		if now := w.reported.Load(); now != last {
			calm, last = 0, now
		}
	}
}

func (w *finalizers) verify() (uint64, error) {
	sum := uint64(0)
	for _, b := range w.blocks {
		bytes, ok := b.readBack()
		if !ok {
			return sum, fmt.Errorf("finalizers: block %d does not read back", b.id)
		}
		sum = fold(sum, b.id+bytes)
	}
	return sum, nil
}

func (w *finalizers) liveBytes() uint64      { return uint64(len(w.blocks)) * (8 + blockData) }
func (w *finalizers) requestedBytes() uint64 { return w.requested }
func (w *finalizers) drop()                  {}

func (w *finalizers) values() []value {
	return []value{{"reported", float64(w.reported.Load())}}
}
