package main

import "fmt"

// fragment shifts the sizes of its objects from epoch to epoch and leaves a few survivors of each behind, scattered
// over the heap or in stripes: the room between them has the wrong size for what comes next.
type fragment[B fragmentBlock] struct {
	random       generator
	share        uint64
	shape        string
	stripes      bool // survivors are neighbours, not scattered
	handoff      bool // what does not survive is freed by another thread
	keep         uint64
	garbage      uint64
	classes      []uint64 // the smallest size of each; a class reaches up to half more
	leastPayload uint64
	allocate     func(id, size uint64) B
	epoch        int

	blocks  []B // held: as long as the most that the share can hold, filled up to count
	count   int
	passing B   // the last block that was garbage from the start
	leaving []B // for another thread to free, as long as blocks; handoff only
	arrived []B // from another thread

	nextID    uint64
	broken    error
	live      uint64
	requested uint64
}

// stripe is how many neighbours survive together.
const stripe = 64

func newFragment(r *request, t int) workload {
	if r.word("contents", "bytes", "pointers") == "bytes" {
		return newFragmentOf(r, t, 1, newCell)
	}
	makeAnchors()
	return newFragmentOf(r, t, reference, newKnot)
}

// newFragmentOf takes the parameters; a block's size is in whole units.
func newFragmentOf[B fragmentBlock](r *request, t int, unit uint64, allocate func(id, size uint64) B) workload {
	base := r.param("size_base", max(2, unit), 1<<30)
	limit := r.param("size_limit", base+base/2, 1<<30)
	leastPayload := 8 + base/unit*unit
	r.asks() // checked here, done by the harness
	f := &fragment[B]{
		random:       split(r.seed, t),
		share:        r.share(leastPayload),
		shape:        r.word("shape", "growing", "shrinking", "mixed"),
		stripes:      r.word("layout", "random", "stripes") == "stripes",
		handoff:      r.param("handoff", 0, 1) == 1,
		keep:         r.param("keep_permille", 0, 999),
		garbage:      r.param("garbage_percent", 0, 10_000),
		leastPayload: leastPayload,
		allocate:     allocate,
	}
	for size := base; size+size/2 <= limit; size += size / 2 {
		f.classes = append(f.classes, size)
	}
	return f
}

// setup fills the share with sizes of the first class. The tables have their full length from the start, so that no
// epoch pays for their growth.
func (f *fragment[B]) setup() {
	f.blocks = make([]B, f.share/f.leastPayload+1)
	if f.handoff {
		f.leaving = make([]B, 0, len(f.blocks))
	}
	f.refill()
}

// operation is one epoch; what does not survive it has been handed over before, if another thread is to free it.
func (f *fragment[B]) operation() uint64 {
	f.epoch++
	if !f.handoff {
		f.thin(f.keep)
		f.refill()
		return f.readAll()
	}
	sum := f.free()
	f.refill()
	return fold(sum, f.readAll())
}

// handOver begins an epoch with handoff: returns what does not survive it, for another thread. nil without.
func (f *fragment[B]) handOver() any {
	if !f.handoff {
		return nil
	}
	f.thin(f.keep)
	return f.leaving
}

// receive takes what another thread handed over, and its table for what will be handed over next.
func (f *fragment[B]) receive(parcel any) { f.leaving, f.arrived = nil, parcel.([]B) }

// free reads what has arrived back, folds it and lets go of it.
func (f *fragment[B]) free() uint64 {
	sum := f.read(f.arrived)
	clear(f.arrived)
	f.leaving, f.arrived = f.arrived[:0], nil
	return sum
}

// thin parts with all but keep permille of the blocks, scattered at random or in stripes, and closes the ranks of the
// survivors.
func (f *fragment[B]) thin(keep uint64) {
	const turn = 1000 * stripe
	phase := uint64(0) // of a turn; a block advances it by keep, so that stripe neighbours of each turn survive
	if f.stripes {
		phase = f.random.below(turn)
	}
	kept := 0
	for _, b := range f.blocks[:f.count] {
		survives := phase < stripe*keep
		if f.stripes {
			phase = (phase + keep) % turn
		} else {
			survives = f.random.below(1000) < keep
		}
		if survives {
			f.blocks[kept] = b
			kept++
			continue
		}
		f.live -= b.payload()
		if f.handoff {
			f.leaving = append(f.leaving, b)
		}
	}
	clear(f.blocks[kept:f.count])
	f.count = kept
}

// refill allocates until the share is reached, and in between garbage percent as many bytes that nobody keeps.
func (f *fragment[B]) refill() {
	var none B
	owed := int64(0) // garbage, in hundredths of a byte
	for f.live < f.share {
		b := f.newBlock()
		f.blocks[f.count] = b
		f.count++
		f.live += b.payload()
		owed += int64(b.payload() * f.garbage)
		for owed > 0 {
			f.passing = f.newBlock()
			owed -= 100 * int64(f.passing.payload())
		}
	}
	f.passing = none
}

// newBlock draws a size of the epoch, allocates and writes.
func (f *fragment[B]) newBlock() B {
	id := f.nextID
	f.nextID++
	lo := f.class()
	b := f.allocate(id, lo+f.random.below(lo/2))
	f.requested += b.requested()
	return b
}

// class is the smallest size of the epoch's class.
func (f *fragment[B]) class() uint64 {
	n := len(f.classes)
	switch f.shape {
	case "growing":
		return f.classes[f.epoch%n]
	case "shrinking":
		return f.classes[n-1-f.epoch%n]
	}
	return f.classes[f.random.below(uint64(n))]
}

// readAll reads every block held back.
func (f *fragment[B]) readAll() uint64 { return f.read(f.blocks[:f.count]) }

// read reads blocks back; the first that is broken is kept for verify to report.
func (f *fragment[B]) read(blocks []B) uint64 {
	sum := uint64(0)
	for _, b := range blocks {
		bytes, ok := b.readBack()
		if !ok && f.broken == nil {
			f.broken = fmt.Errorf("fragment: block %d does not read back", b.number())
		}
		sum = fold(sum, b.number()+bytes)
	}
	return sum
}

func (f *fragment[B]) verify() (uint64, error) {
	sum := f.readAll()
	return sum, f.broken
}

func (f *fragment[B]) liveBytes() uint64      { return f.live }
func (f *fragment[B]) requestedBytes() uint64 { return f.requested }

// drop frees 90 % of the blocks as an epoch would, all on their own thread.
func (f *fragment[B]) drop() {
	f.thin(100)
	clear(f.leaving)
	f.leaving = f.leaving[:0]
}
