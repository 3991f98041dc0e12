package main

import "fmt"

const (
	chunkItems = 1024
	itemBytes  = 32

	pointersPayload = chunkItems * (itemBytes + 8)
	valuesPayload   = chunkItems * itemBytes
)

// item is 32 bytes; the layout decides whether a chunk holds items or references to items.
type item struct{ a, b, c, d uint64 }

func newSlices(r *request, t int) workload {
	random, updates := split(r.seed, t), r.param("updates", 0, 1<<20)
	if r.word("layout", "pointers", "values") == "values" {
		return &valueSlices{random: random, updates: updates, count: slotsFor(r.share(valuesPayload), valuesPayload)}
	}
	return &pointerSlices{random: random, updates: updates, count: slotsFor(r.share(pointersPayload), pointersPayload)}
}

// fill gives item i of a chunk its values: a and b agree on base as long as the chunk is whole.
func (it *item) fill(base, i uint64) {
	it.a, it.b, it.c, it.d = base+i, base^i, i, 0
}

func (it *item) sum() uint64 { return (it.a ^ it.b) + it.c + it.d }

// update changes what no check depends on.
func (it *item) update() { it.d += it.c + 1 }

func (it *item) whole(i uint64) bool { return it.a-i == it.b^i && it.c == i }

// pointerSlices: a chunk is an array of references to items of their own.
type pointerSlices struct {
	random    generator
	updates   uint64
	count     int
	chunks    [][]*item
	requested uint64
}

func (s *pointerSlices) setup() {
	s.chunks = make([][]*item, s.count)
	for k := range s.chunks {
		s.chunks[k] = s.newChunk()
	}
}

// operation replaces one chunk, reads another, updates a third (they may coincide).
func (s *pointerSlices) operation() uint64 {
	first, fresh := s.pick(), s.newChunk()
	s.chunks[first] = fresh
	sum := uint64(0)
	for _, it := range s.chunks[s.pick()] {
		sum += it.sum()
	}
	third := s.chunks[s.pick()]
	for range s.updates {
		third[s.random.below(chunkItems)].update()
	}
	return sum
}

func (s *pointerSlices) newChunk() []*item {
	base := s.random.next()
	chunk := make([]*item, chunkItems)
	for i := range chunk {
		it := new(item)
		it.fill(base, uint64(i))
		chunk[i] = it
	}
	s.requested += chunkItems * (itemBytes + 4)
	return chunk
}

func (s *pointerSlices) pick() uint64 { return s.random.below(uint64(len(s.chunks))) }

func (s *pointerSlices) verify() (uint64, error) {
	sum := uint64(0)
	for k, chunk := range s.chunks {
		for i, it := range chunk {
			if !it.whole(uint64(i)) {
				return sum, fmt.Errorf("slices: item %d of chunk %d does not read back", i, k)
			}
			sum += it.sum()
		}
		sum = fold(sum, uint64(k))
	}
	return sum, nil
}

func (s *pointerSlices) liveBytes() uint64      { return uint64(s.count) * pointersPayload }
func (s *pointerSlices) requestedBytes() uint64 { return s.requested }
func (s *pointerSlices) drop()                  {}

// valueSlices: a chunk is one array of items.
type valueSlices struct {
	random    generator
	updates   uint64
	count     int
	chunks    [][]item
	requested uint64
}

func (s *valueSlices) setup() {
	s.chunks = make([][]item, s.count)
	for k := range s.chunks {
		s.chunks[k] = s.newChunk()
	}
}

func (s *valueSlices) operation() uint64 {
	first, fresh := s.pick(), s.newChunk()
	s.chunks[first] = fresh
	sum := uint64(0)
	another := s.chunks[s.pick()]
	for i := range another {
		sum += another[i].sum()
	}
	third := s.chunks[s.pick()]
	for range s.updates {
		third[s.random.below(chunkItems)].update()
	}
	return sum
}

func (s *valueSlices) newChunk() []item {
	base := s.random.next()
	chunk := make([]item, chunkItems)
	for i := range chunk {
		chunk[i].fill(base, uint64(i))
	}
	s.requested += chunkItems * itemBytes
	return chunk
}

func (s *valueSlices) pick() uint64 { return s.random.below(uint64(len(s.chunks))) }

func (s *valueSlices) verify() (uint64, error) {
	sum := uint64(0)
	for k, chunk := range s.chunks {
		for i := range chunk {
			if !chunk[i].whole(uint64(i)) {
				return sum, fmt.Errorf("slices: item %d of chunk %d does not read back", i, k)
			}
			sum += chunk[i].sum()
		}
		sum = fold(sum, uint64(k))
	}
	return sum, nil
}

func (s *valueSlices) liveBytes() uint64      { return uint64(s.count) * valuesPayload }
func (s *valueSlices) requestedBytes() uint64 { return s.requested }
func (s *valueSlices) drop()                  {}
