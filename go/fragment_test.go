package main

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// fragments makes the fragment of every thread and builds their live sets.
func fragments(t *testing.T, changes ...string) []*fragment[*cell] {
	t.Helper()
	_, works, err := parse(requestFor("fragment", changes...))
	if err != nil {
		t.Fatal(err)
	}
	var all []*fragment[*cell]
	for _, w := range works {
		w.setup()
		all = append(all, w.(*fragment[*cell]))
	}
	return all
}

func TestFragmentSizesFollowTheShape(t *testing.T) {
	for shape, want := range map[string][]uint64{
		"growing":   {64, 96, 144, 216, 324, 486, 64},
		"shrinking": {486, 324, 216, 144, 96, 64, 486},
	} {
		f := fragments(t, "p.shape="+shape, "p.keep_permille=0")[0]
		for epoch, lo := range want {
			for _, b := range f.blocks[:f.count] {
				if size := uint64(len(b.data)); size < lo || size >= lo+lo/2 {
					t.Fatalf("%s, epoch %d: size %d, class %d", shape, epoch, size, lo)
				}
			}
			f.operation()
		}
	}
}

func TestFragmentKeepsAFewAndDropsNineTenths(t *testing.T) {
	for _, layout := range []string{"random", "stripes"} {
		f := fragments(t, "p.layout="+layout)[0]
		count := f.count
		f.thin(50)
		if f.count < count*4/100 || f.count > count*6/100 || f.blocks[f.count] != nil {
			t.Errorf("%s: kept %d of %d", layout, f.count, count)
		}
		f.refill()
		full := f.live
		f.drop()
		if ratio := float64(f.live) / float64(full); ratio < 0.08 || ratio > 0.12 {
			t.Errorf("%s: %.2f of the live bytes are left", layout, ratio)
		}
		if _, err := f.verify(); err != nil {
			t.Error(err)
		}
	}
}

// Without garbage in between, neighbours in the order of allocation have ids that follow each other.
func TestStripesAreNeighboursThatSurviveTogether(t *testing.T) {
	for keep, apart := range map[uint64]int{10: 6400, 50: 1280, 100: 640, 400: 160} {
		f := fragments(t, "p.layout=stripes", "p.garbage_percent=0", "p.live_bytes=4194304")[0]
		count := f.count
		f.thin(keep)
		var begins, lengths []int
		for i, b := range f.blocks[:f.count] {
			if i == 0 || b.id != f.blocks[i-1].id+1 {
				begins, lengths = append(begins, int(b.id)), append(lengths, 0)
			}
			lengths[len(lengths)-1]++
		}
		for i := 1; i < len(begins)-1; i++ { // the first and the last may be cut by the ends of the table
			if lengths[i] != stripe || begins[i+1]-begins[i] != apart {
				t.Errorf("keep %d: %d survive from %d on, and the next from %d on", keep, lengths[i], begins[i], begins[i+1])
			}
		}
		if want := count * int(keep) / 1000; len(begins) < 3 || f.count < want-stripe || f.count > want+stripe {
			t.Errorf("keep %d: %d of %d survive in %d stripes", keep, f.count, count, len(begins))
		}
	}
}

func TestStripesOfNoneKeepNone(t *testing.T) {
	f := fragments(t, "p.layout=stripes")[0]
	if f.thin(0); f.count != 0 || f.live != 0 {
		t.Errorf("%d blocks of %d bytes are left", f.count, f.live)
	}
}

func TestEverySurvivorIsReadBackInEveryEpoch(t *testing.T) {
	for _, changes := range [][]string{{}, {"p.layout=stripes"}} {
		f := fragments(t, changes...)[0]
		f.operation()
		made := f.nextID
		f.operation()
		oldest := f.blocks[0] // the ranks are in order of allocation
		if oldest.id >= made {
			t.Fatalf("%v: block %d is no survivor", changes, oldest.id)
		}
		oldest.data[len(oldest.data)-1] ^= 1
		f.readAll()
		if _, err := f.verify(); err == nil || err.Error() != fmt.Sprintf("fragment: block %d does not read back", oldest.id) {
			t.Errorf("%v: %v", changes, err)
		}
	}
}

func TestKnotsHoldReferencesThatAreFollowed(t *testing.T) {
	f := prepared(t, "fragment", "p.contents=pointers").(*fragment[*knot])
	for _, b := range f.blocks[:f.count] {
		if n := len(b.refs); n < 64/8 || n >= 96/8 || b.payload() != 8+8*uint64(n) || b.requested() != 8+4*uint64(n) {
			t.Fatalf("%d references, payload %d, requested %d", n, b.payload(), b.requested())
		}
	}
	b := f.blocks[7]
	whole, ok := b.readBack()
	b.refs[2] = anchors[(b.id+3)%anchorCount] // another one that is alive
	if sum, still := b.readBack(); !ok || still || sum == whole {
		t.Error("a reference changed unnoticed")
	}
	if _, err := f.verify(); err == nil || !strings.HasPrefix(err.Error(), "fragment: block ") {
		t.Errorf("verify says %v", err)
	}
}

func TestWhatIsHandedOverIsFreedByTheNextThread(t *testing.T) {
	r, works, err := parse(requestFor("fragment", "p.handoff=1", "threads=3"))
	if err != nil {
		t.Fatal(err)
	}
	h := newHarness(r, works, nil, nil)
	h.setupAll()
	for range 4 {
		before := make([]map[*cell]bool, 3) // by thread: what it holds
		for i, w := range works {
			before[i] = map[*cell]bool{}
			for f, n := w.(*fragment[*cell]), 0; n < f.count; n++ {
				before[i][f.blocks[n]] = true
			}
		}
		h.exchange()
		for i, w := range works {
			f, next := w.(*fragment[*cell]), works[(i+1)%3].(*fragment[*cell])
			if len(next.arrived)+f.count != len(before[i]) || len(next.arrived) == 0 {
				t.Fatalf("thread %d parted with %d of %d and keeps %d", i, len(next.arrived), len(before[i]), f.count)
			}
			for _, b := range next.arrived {
				if !before[i][b] {
					t.Fatalf("block %d did not come from thread %d", b.id, i)
				}
			}
		}
		h.all(func(m *mutator) { m.operate(1) })
		for _, w := range works {
			f := w.(*fragment[*cell])
			if len(f.arrived) != 0 || len(f.leaving) != 0 || cap(f.leaving) != len(f.blocks) {
				t.Fatalf("%d arrived, %d leave, %d could", len(f.arrived), len(f.leaving), cap(f.leaving))
			}
			for _, b := range f.leaving[:cap(f.leaving)] {
				if b != nil {
					t.Fatalf("block %d was not let go of", b.id)
				}
			}
		}
	}
}

func TestABlockDamagedOnItsWayIsFound(t *testing.T) {
	all := fragments(t, "p.handoff=1")
	parcel := all[0].handOver().([]*cell)
	damaged := parcel[3].id
	parcel[3].data[0] ^= 1
	all[1].receive(parcel)
	all[1].operation()
	if _, err := all[1].verify(); err == nil || err.Error() != fmt.Sprintf("fragment: block %d does not read back", damaged) {
		t.Errorf("verify says %v", err)
	}
}

// One generator decides who survives and what is allocated, whoever frees the rest.
func TestHandingOverIsTheSameWorkButForWhoReads(t *testing.T) {
	for _, threads := range []string{"threads=1", "threads=2"} {
		own, _ := answer(t, requestFor("fragment", threads))
		first, _ := answer(t, requestFor("fragment", threads, "p.handoff=1"))
		again, _ := answer(t, requestFor("fragment", threads, "p.handoff=1"))
		if own["live_bytes"] != first["live_bytes"] || own["requested_bytes"] != first["requested_bytes"] {
			t.Errorf("%s: another live set", threads)
		}
		if own["checksum"] == first["checksum"] || first["checksum"] != again["checksum"] {
			t.Errorf("%s: checksums %s, %s and %s", threads, own["checksum"], first["checksum"], again["checksum"])
		}
	}
}

func TestLargeBlocksFitASmallShare(t *testing.T) {
	f := fragments(t, "p.live_bytes=67108864", "p.size_base=65536", "p.size_limit=8388608", "p.shape=mixed")[0]
	largest := 0
	for range 6 {
		f.operation()
		for _, b := range f.blocks[:f.count] {
			largest = max(largest, len(b.data))
		}
		if f.live < f.share || f.live >= f.share+8<<20 {
			t.Errorf("%d bytes live of a share of %d", f.live, f.share)
		}
	}
	if _, err := f.verify(); err != nil || largest < 4<<20 {
		t.Errorf("the largest had %d bytes: %v", largest, err)
	}
}

// forced is how many collections a request made that it had asked for.
func forced(t *testing.T, changes ...string) uint32 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	answer(t, requestFor("fragment", changes...))
	runtime.ReadMemStats(&after)
	return after.NumForcedGC - before.NumForcedGC
}

func TestCollectionsAreForcedOnlyWhereTheRequestSaysSo(t *testing.T) {
	const atRest = 2
	for _, c := range []struct {
		changes []string
		want    uint32
	}{
		{[]string{"ops=5"}, 5 + atRest},
		{[]string{"ops=5", "force=1"}, 5 + atRest},
		{[]string{"ops=5", "force=0"}, atRest},
		{[]string{"ops=5", "force=0", "return_ms=20"}, atRest},
		{[]string{"ops=5", "force=0", "return_ms=20", "p.give_back=ask"}, 1 + atRest},
	} {
		if got := forced(t, c.changes...); got != c.want {
			t.Errorf("%v: %d collections, want %d", c.changes, got, c.want)
		}
	}
}

func TestForcingChangesNothingOfTheWork(t *testing.T) {
	forced, _ := answer(t, requestFor("fragment"))
	unforced, _ := answer(t, requestFor("fragment", "force=0"))
	for _, key := range []string{"checksum", "requested_bytes", "live_bytes"} {
		if forced[key] != unforced[key] {
			t.Errorf("%s is %s forced, %s unforced", key, forced[key], unforced[key])
		}
	}
}

func TestProbesDoubleUpToTheMostThatIsAskedFor(t *testing.T) {
	for most, want := range map[uint64]int{0: 0, 1<<20 - 1: 0, 1 << 20: 1, 3 << 20: 2, 8 << 20: 4} {
		tries, err := probe(most)
		if err != nil || len(tries) != want {
			t.Errorf("up to %d bytes: %d probes, %v", most, len(tries), err)
		}
		for i, try := range tries {
			if try.bytes != 1<<20<<i || try.ns <= 0 {
				t.Errorf("probe %d: %+v", i, try)
			}
		}
	}
	if text := encodeProbe([]try{{1 << 20, 7}, {2 << 20, 9}}); text != "1048576:7;2097152:9" {
		t.Error(text)
	}
}
