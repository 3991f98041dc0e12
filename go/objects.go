package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"
)

// objects is an experiment: equal objects, what one of them takes of the heap, and what a forced collection of all is counted as.
type objects struct {
	herd        herd
	base        uint64 // of what is written into them
	n           int
	payload     uint64 // of one
	asked       uint64 // for one
	requested   uint64
	empty       uint64 // heap in use before there is anything
	withTable   uint64
	withObjects uint64
	forced      uint64
	raisedOnce  uint64
}

// herd is a table of equal objects.
type herd interface {
	place(n int)
	fill(base uint64)
	read(i int, base uint64) (sum uint64, ok bool)
}

// flat objects hold numbers, and nothing that a collector would follow.
type flat interface {
	[1]uint64 | [2]uint64 | [3]uint64 | [4]uint64 | [8]uint64 | [16]uint64 | [64]uint64 | [512]uint64
}

// linked objects hold references to anchors that their number and the place decide.
type linked interface{ [4]*anchor | [16]*anchor }

type flatHerd[F flat] struct{ objects []*F }

type linkedHerd[F linked] struct{ objects []*F }

func newObjects(r *request, t int) workload {
	w := &objects{base: mix(r.seed) >> 32}
	kind := r.word("kind", "values1", "values2", "values3", "values4", "values8", "values16", "values64", "values512", "pointers4", "pointers16")
	fields := uint64(0)
	switch kind {
	case "values1":
		w.herd, fields = &flatHerd[[1]uint64]{}, 1
	case "values2":
		w.herd, fields = &flatHerd[[2]uint64]{}, 2
	case "values3":
		w.herd, fields = &flatHerd[[3]uint64]{}, 3
	case "values4":
		w.herd, fields = &flatHerd[[4]uint64]{}, 4
	case "values8":
		w.herd, fields = &flatHerd[[8]uint64]{}, 8
	case "values16":
		w.herd, fields = &flatHerd[[16]uint64]{}, 16
	case "values64":
		w.herd, fields = &flatHerd[[64]uint64]{}, 64
	case "values512":
		w.herd, fields = &flatHerd[[512]uint64]{}, 512
	case "pointers4":
		w.herd, fields = &linkedHerd[[4]*anchor]{}, 4
	default:
		w.herd, fields = &linkedHerd[[16]*anchor]{}, 16
	}
	w.payload, w.asked = 8*fields, 8*fields
	if kind == "pointers4" || kind == "pointers16" {
		w.asked = reference / 2 * fields
		makeAnchors()
	}
	w.n = slotsFor(r.share(w.payload), w.payload)
	return w
}

// setup makes the table and then the objects, and looks at the heap before, between and after.
func (w *objects) setup() {
	w.empty = settledHeap()
	w.herd.place(w.n)
	w.withTable = settledHeap()
	w.herd.fill(w.base)
	w.withObjects = settledHeap()
	w.requested = uint64(w.n) * w.asked
}

// operation forces a collection and reads one object.
func (w *objects) operation() uint64 {
	before := cycles()
	runtime.GC()
	w.forced++
	if cycles() == before+1 {
		w.raisedOnce++
	}
	sum, _ := w.herd.read(int(w.forced%uint64(w.n)), w.base)
	return sum
}

func (w *objects) verify() (uint64, error) {
	sum := uint64(0)
	for i := range w.n {
		one, ok := w.herd.read(i, w.base)
		if !ok {
			return sum, fmt.Errorf("objects: object %d does not read back", i)
		}
		sum = fold(sum, one)
	}
	return sum, nil
}

func (w *objects) liveBytes() uint64      { return uint64(w.n) * w.payload }
func (w *objects) requestedBytes() uint64 { return w.requested }
func (w *objects) drop()                  {}

func (w *objects) values() []value {
	scanned := []metrics.Sample{{Name: "/gc/scan/heap:bytes"}} // of the last collection
	metrics.Read(scanned)
	return []value{
		{"object_bytes", more(w.withObjects, w.withTable) / float64(w.n)},
		{"reference_bytes", more(w.withTable, w.empty) / float64(w.n)},
		{"entry_bytes", more(w.withObjects, w.empty) / float64(w.n)},
		{"raised_once_share", float64(w.raisedOnce) / float64(w.forced)},
		{"scanned_bytes", float64(scanned[0].Value.Uint64())},
	}
}

func (h *flatHerd[F]) place(n int) { h.objects = make([]*F, n) }

func (h *flatHerd[F]) fill(base uint64) {
	for i := range h.objects {
		object := new(F)
		for j := 0; j < len(*object); j++ {
			(*object)[j] = written(base, i, j)
		}
		h.objects[i] = object
	}
}

func (h *flatHerd[F]) read(i int, base uint64) (sum uint64, ok bool) {
	ok = true
	object := h.objects[i]
	for j := 0; j < len(*object); j++ {
		sum = sum*31 + (*object)[j]
		ok = ok && (*object)[j] == written(base, i, j)
	}
	return sum, ok
}

func (h *linkedHerd[F]) place(n int) { h.objects = make([]*F, n) }

func (h *linkedHerd[F]) fill(base uint64) {
	for i := range h.objects {
		object := new(F)
		for j := 0; j < len(*object); j++ {
			(*object)[j] = anchors[written(base, i, j)%anchorCount]
		}
		h.objects[i] = object
	}
}

func (h *linkedHerd[F]) read(i int, base uint64) (sum uint64, ok bool) {
	ok = true
	object := h.objects[i]
	for j := 0; j < len(*object); j++ {
		sum = sum*31 + (*object)[j].value
		ok = ok && (*object)[j] == anchors[written(base, i, j)%anchorCount]
	}
	return sum, ok
}

// written is what field j of object i holds.
func written(base uint64, i, j int) uint64 { return base + uint64(i)*31 + uint64(j) }
