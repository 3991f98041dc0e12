package main

import "fmt"

// fragment shifts the sizes of its objects from epoch to epoch and leaves a few survivors of each behind, scattered
// over the heap: the room between them has the wrong size for what comes next.
type fragment struct {
	random  generator
	share   uint64
	shape   string
	keep    uint64
	garbage uint64
	classes []uint64 // the smallest size of each; a class reaches up to half more
	epoch   int

	blocks  []*cell // held: as long as the most that the share can hold, filled up to count
	count   int
	passing *cell // the last block that was garbage from the start

	nextID    uint64
	broken    error
	live      uint64
	requested uint64
}

type cell struct {
	id   uint64
	data []byte
}

func (b *cell) payload() uint64 { return 8 + uint64(len(b.data)) }

func newFragment(r *request, t int) workload {
	base := r.param("size_base", 2, 1<<30)
	limit := r.param("size_limit", base+base/2, 1<<30)
	f := &fragment{
		random:  split(r.seed, t),
		share:   r.share(8 + base),
		shape:   r.word("shape", "growing", "shrinking", "mixed"),
		keep:    r.param("keep_permille", 0, 999),
		garbage: r.param("garbage_percent", 0, 10_000),
	}
	for size := base; size+size/2 <= limit; size += size / 2 {
		f.classes = append(f.classes, size)
	}
	return f
}

// setup fills the share with sizes of the first class. The table of blocks has its full length from the start, so that
// no epoch pays for its growth.
func (f *fragment) setup() {
	f.blocks = make([]*cell, f.share/(8+f.classes[0])+1)
	f.refill()
}

// operation is one epoch.
func (f *fragment) operation() uint64 {
	f.epoch++
	f.thin(f.keep)
	f.refill()
	return f.readAll()
}

// thin frees all but a random keep permille of the blocks and closes the ranks of the survivors.
func (f *fragment) thin(keep uint64) {
	kept := 0
	for _, b := range f.blocks[:f.count] {
		if f.random.below(1000) < keep {
			f.blocks[kept] = b
			kept++
		} else {
			f.live -= b.payload()
		}
	}
	clear(f.blocks[kept:f.count])
	f.count = kept
}

// refill allocates until the share is reached, and in between garbage percent as many bytes that nobody keeps.
func (f *fragment) refill() {
	owed := int64(0) // garbage, in hundredths of a byte
	for f.live < f.share {
		b := f.newCell()
		f.blocks[f.count] = b
		f.count++
		f.live += b.payload()
		owed += int64(b.payload() * f.garbage)
		for owed > 0 {
			f.passing = f.newCell()
			owed -= 100 * int64(f.passing.payload())
		}
	}
	f.passing = nil
}

// newCell draws a size of the epoch, allocates and touches.
func (f *fragment) newCell() *cell {
	id := f.nextID
	f.nextID++
	lo := f.class()
	size := lo + f.random.below(lo/2)
	b := &cell{id: id, data: make([]byte, size)}
	touch(b.data, id)
	f.requested += b.payload()
	return b
}

// class is the smallest size of the epoch's class.
func (f *fragment) class() uint64 {
	n := len(f.classes)
	switch f.shape {
	case "growing":
		return f.classes[f.epoch%n]
	case "shrinking":
		return f.classes[n-1-f.epoch%n]
	}
	return f.classes[f.random.below(uint64(n))]
}

// readAll reads every block back; the first that is broken is kept for verify to report.
func (f *fragment) readAll() uint64 {
	sum := uint64(0)
	for _, b := range f.blocks[:f.count] {
		bytes, ok := readBack(b.data, b.id)
		if !ok && f.broken == nil {
			f.broken = fmt.Errorf("fragment: block %d does not read back", b.id)
		}
		sum = fold(sum, b.id+bytes)
	}
	return sum
}

func (f *fragment) verify() (uint64, error) {
	sum := f.readAll()
	return sum, f.broken
}

func (f *fragment) liveBytes() uint64      { return f.live }
func (f *fragment) requestedBytes() uint64 { return f.requested }

// drop frees 90 % of the blocks at random.
func (f *fragment) drop() { f.thin(100) }
