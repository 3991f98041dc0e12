package main

import (
	"fmt"
	"runtime"
	"strings"
)

// profile is an experiment: one function that makes garbage and one whose blocks live, and how the runtime's memory profile, with every
// allocation in it, ranks the two. Go alone has such a profile of its own.
type profile struct {
	base            uint64 // number of the first block
	churned, blocks uint64 // how many are made by either function
	retained        []*cell
	last            *cell // published, so that it is made
	requested       uint64
	before          map[string]made // what else this process had in its profile
}

// made is what one of the two functions allocated, and what of it is in use.
type made struct{ bytes, live int64 }

func newProfile(r *request, t int) workload {
	runtime.MemProfileRate = 1 // every allocation, instead of one in 512 KiB
	return &profile{
		base:    mix(r.seed) >> 32,
		blocks:  uint64(slotsFor(r.share(8+blockData), 8+blockData)),
		churned: r.param("churned_blocks", 1, 1<<24),
	}
}

// setup makes what lives.
func (w *profile) setup() {
	w.before = readProfile()
	w.retain()
}

// retain makes blocks that live.
//
//go:noinline
func (w *profile) retain() {
	w.retained = make([]*cell, w.blocks)
	for i := range w.retained {
		w.retained[i] = newCell(w.base+uint64(i), blockData)
		w.requested += w.retained[i].requested()
	}
}

// operation is the churn: blocks of which the next is the end of the one before.
func (w *profile) operation() uint64 { return w.churn() }

//go:noinline
func (w *profile) churn() uint64 {
	sum := uint64(0)
	for i := range w.churned {
		w.last = newCell(w.base+i, blockData)
		w.requested += w.last.requested()
		bytes, _ := w.last.readBack()
		sum = fold(sum, bytes)
	}
	return sum
}

func (w *profile) verify() (uint64, error) {
	sum := uint64(0)
	for _, b := range w.retained {
		bytes, ok := b.readBack()
		if !ok {
			return sum, fmt.Errorf("profile: block %d does not read back", b.id)
		}
		sum = fold(sum, b.id+bytes)
	}
	return sum, nil
}

func (w *profile) liveBytes() uint64      { return uint64(len(w.retained)) * (8 + blockData) }
func (w *profile) requestedBytes() uint64 { return w.requested }
func (w *profile) drop()                  {}

func (w *profile) values() []value {
	after := readProfile()
	churned, retained := after["churn"], after["retain"]
	return []value{
		{"churned_bytes", float64(churned.bytes - w.before["churn"].bytes)},
		{"retained_bytes", float64(retained.bytes - w.before["retain"].bytes)},
		{"churned_live_bytes", float64(churned.live)},
		{"retained_live_bytes", float64(retained.live)},
	}
}

// readProfile adds up both views of the profile, as it stands after two collections, by the function that is on the stack.
func readProfile() map[string]made {
	settledHeap()
	records := make([]runtime.MemProfileRecord, 4096)
	n, ok := runtime.MemProfile(records, true)
	for !ok {
		records = make([]runtime.MemProfileRecord, 2*n)
		n, ok = runtime.MemProfile(records, true)
	}
	sums := map[string]made{}
	for _, record := range records[:n] {
		name := maker(record.Stack())
		sum := sums[name]
		sums[name] = made{sum.bytes + record.AllocBytes, sum.live + record.InUseBytes()}
	}
	return sums
}

// maker is which of the two functions is on the stack.
func maker(stack []uintptr) string {
	frames := runtime.CallersFrames(stack)
	for {
		frame, more := frames.Next()
		for _, name := range []string{"churn", "retain"} {
			if strings.HasSuffix(frame.Function, "(*profile)."+name) {
				return name
			}
		}
		if !more {
			return ""
		}
	}
}
