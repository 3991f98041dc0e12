package main

import (
	"fmt"
	"sync"
)

// pooling is calls that each need a buffer for a moment: a new one, one of a pool that the runtime looks after, or one of a list behind a lock.
type pooling struct {
	kind        string
	base        uint64 // number of the first block
	bufferBytes uint64
	callsPerOp  uint64
	blocks      []*cell // what lives
	nextID      uint64
	requested   uint64
	last        *buffer // published, so that a new one is made
}

type buffer struct{ data []byte }

// Of all threads.
var (
	pool     sync.Pool // keeps some for each P; a collection empties it, in two steps
	freeLock sync.Mutex
	free     []*buffer
)

func newPooling(r *request, t int) workload {
	random := split(r.seed, t)
	return &pooling{
		kind:        r.word("kind", "fresh", "pool", "freelist"),
		base:        random.next() >> 32,
		bufferBytes: r.param("buffer_bytes", 64, 1<<20),
		callsPerOp:  r.param("calls_per_op", 1, 1<<20),
		blocks:      make([]*cell, slotsFor(r.share(8+blockData), 8+blockData)),
	}
}

// setup makes what lives.
func (w *pooling) setup() {
	for i := range w.blocks {
		w.blocks[i] = newCell(w.base+uint64(i), blockData)
		w.requested += w.blocks[i].requested()
	}
}

// operation is so many calls: a buffer is had, written to, read back and given back.
func (w *pooling) operation() uint64 {
	result := uint64(0)
	for range w.callsPerOp {
		id := w.base + w.nextID
		w.nextID++
		own := w.take()
		touch(own.data, id)
		sum, _ := readBack(own.data, id)
		result = fold(result, sum)
		w.give(own)
	}
	return result
}

// take has a buffer from where the kind says.
func (w *pooling) take() *buffer {
	switch w.kind {
	case "pool":
		if own, ok := pool.Get().(*buffer); ok && w.fits(own) {
			return own
		}
	case "freelist":
		if own := w.pop(); own != nil && w.fits(own) {
			return own
		}
	default:
		w.requested += w.bufferBytes
	}
	return &buffer{data: make([]byte, w.bufferBytes)}
}

// pop takes the buffer that was given back last, or nil.
func (w *pooling) pop() *buffer {
	freeLock.Lock()
	defer freeLock.Unlock()
	n := len(free)
	if n == 0 {
		return nil
	}
	own := free[n-1]
	free = free[:n-1]
	return own
}

func (w *pooling) fits(own *buffer) bool { return uint64(len(own.data)) == w.bufferBytes }

// give puts it back there; a new one is let go of.
func (w *pooling) give(own *buffer) {
	switch w.kind {
	case "pool":
		pool.Put(own)
	case "freelist":
		freeLock.Lock()
		free = append(free, own)
		freeLock.Unlock()
	default:
		w.last = own
	}
}

func (w *pooling) verify() (uint64, error) {
	sum := uint64(0)
	for _, b := range w.blocks {
		bytes, ok := b.readBack()
		if !ok {
			return sum, fmt.Errorf("pooling: block %d does not read back", b.id)
		}
		sum = fold(sum, b.id+bytes)
	}
	return sum, nil
}

func (w *pooling) liveBytes() uint64      { return uint64(len(w.blocks)) * (8 + blockData) }
func (w *pooling) requestedBytes() uint64 { return w.requested }
func (w *pooling) drop()                  {}
