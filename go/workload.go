package main

import "math/bits"

// workload is what one mutator thread does to its own share of the live set. No two threads share one, so results do
// not depend on scheduling.
type workload interface {
	// setup builds the live set.
	setup()
	// operation does one unit of work and returns what it read, for the checksum.
	operation() uint64
	// verify walks the live set, folds it, and says what is lost or broken. It allocates nothing.
	verify() (uint64, error)
	// liveBytes is the payload now held: scalars, and 8 bytes a reference; tables of the thread itself not counted.
	liveBytes() uint64
	// requestedBytes is the payload asked for since setup began: scalars, and 4 bytes a reference.
	requestedBytes() uint64
	// drop lets go of 90 % of the live set (fragment); the others keep theirs.
	drop()
}

// handing is a workload whose threads may free what others allocated (fragment).
type handing interface {
	// handOver begins an operation and returns what another thread is to free in it, or nil.
	handOver() any
	// receive takes what another thread returned.
	receive(parcel any)
}

// telling is an experiment: a workload of one thread that measures something itself.
type telling interface {
	// values are what it measured, asked for once, at the end of everything; a name ends in its unit.
	values() []value
}

type value struct {
	name string
	is   float64 // what is not told is not a number
}

// sizes draws from [min, max]: a power-of-two class first, then uniformly inside the class's part of the range, so
// that small objects dominate the count and large ones the bytes.
type sizes struct {
	min, max       uint64
	first, classes uint64
}

func newSizes(min, max uint64) sizes {
	first := uint64(bits.Len64(min) - 1)
	return sizes{min, max, first, uint64(bits.Len64(max)) - first}
}

// class returns the inclusive bounds of the i-th class.
func (s *sizes) class(i uint64) (lo, hi uint64) {
	lo = uint64(1) << (s.first + i)
	hi = 2*lo - 1
	return max(lo, s.min), min(hi, s.max)
}

func (s *sizes) draw(g *generator) uint64 {
	lo, hi := s.class(g.below(s.classes))
	return lo + g.below(hi-lo+1)
}

// mean is the expected size, rounded down.
func (s *sizes) mean() uint64 {
	sum := uint64(0)
	for i := uint64(0); i < s.classes; i++ {
		lo, hi := s.class(i)
		sum += lo + hi
	}
	return sum / (2 * s.classes)
}

// stamp is the byte with which the pages of block id are marked.
func stamp(id uint64) byte { return byte(id * golden >> 56) }

// touch writes every 64th byte and the last one, so that every page of a fresh block becomes resident.
func touch(data []byte, id uint64) {
	mark := stamp(id)
	for i := 0; i < len(data); i += 64 {
		data[i] = mark ^ byte(i>>6)
	}
	data[len(data)-1] = mark
}

// readBack folds the bytes that touch wrote; ok is false if one of them is not what was written.
func readBack(data []byte, id uint64) (sum uint64, ok bool) {
	mark := stamp(id)
	last := len(data) - 1
	ok = data[last] == mark
	for i := 0; i < last; i += 64 {
		sum = sum*31 + uint64(data[i])
		ok = ok && data[i] == mark^byte(i>>6)
	}
	return sum*31 + uint64(data[last]), ok
}

// slotsFor is how many objects of equal payload come nearest to share; at least one.
func slotsFor(share, payload uint64) int {
	return int(max(1, (share+payload/2)/payload))
}
