package main

import "fmt"

// mapping is an experiment: a map that only grows, one whose oldest entries are evicted, one that is emptied, and a new one in its place.
type mapping struct {
	base      uint64
	table     map[uint64]mapped
	n         uint64 // entries
	batch     uint64 // entries that an operation replaces
	oldest    uint64 // key of the next one to be evicted
	next      uint64
	requested uint64
	empty     uint64 // heap in use before there is a map
	half      uint64
	full      uint64
}

// mapped is an entry's value; its payload with the key is 64 bytes.
type mapped [7]uint64

const entryPayload = 64

func newMaps(r *request, t int) workload {
	n := max(32, uint64(slotsFor(r.share(entryPayload), entryPayload)))
	return &mapping{base: mix(r.seed) >> 32, n: n, batch: n / 16}
}

// setup lets the map grow, and looks at the heap at its half and in the end.
func (w *mapping) setup() {
	w.empty = settledHeap()
	w.table = make(map[uint64]mapped)
	for w.next < w.n/2 {
		w.insert()
	}
	w.half = settledHeap()
	for w.next < w.n {
		w.insert()
	}
	w.full = settledHeap()
	w.requested = w.n * entryPayload
}

// operation inserts a batch, each entry in place of the oldest one.
func (w *mapping) operation() uint64 {
	sum := uint64(0)
	for range w.batch {
		sum = fold(sum, w.table[w.oldest][6])
		delete(w.table, w.oldest)
		w.oldest++
		w.insert()
	}
	return sum
}

func (w *mapping) insert() {
	var fresh mapped
	for j := range fresh {
		fresh[j] = w.base + w.next*31 + uint64(j)
	}
	w.table[w.next] = fresh
	w.next++
}

func (w *mapping) verify() (uint64, error) {
	sum := uint64(0)
	ok := uint64(len(w.table)) == w.n
	for key := w.oldest; key < w.next; key++ {
		found := w.table[key]
		for j := range found {
			ok = ok && found[j] == w.base+key*31+uint64(j)
		}
		if !ok {
			return sum, fmt.Errorf("maps: entry %d does not read back", key)
		}
		sum = fold(sum, found[0])
	}
	return sum, nil
}

func (w *mapping) liveBytes() uint64      { return w.n * entryPayload }
func (w *mapping) requestedBytes() uint64 { return w.requested }
func (w *mapping) drop()                  {}

// values end the experiment: the map is emptied, and then another takes its place.
func (w *mapping) values() []value {
	evicted := settledHeap()
	for key := w.oldest; key < w.next; key++ {
		delete(w.table, key)
	}
	emptied := settledHeap()
	w.table = make(map[uint64]mapped)
	replaced := settledHeap()
	return []value{
		{"half_bytes", more(w.half, w.empty)},
		{"full_bytes", more(w.full, w.empty)},
		{"evicted_bytes", more(evicted, w.empty)},
		{"emptied_bytes", more(emptied, w.empty)},
		{"replaced_bytes", more(replaced, w.empty)},
	}
}
