package main

import (
	"fmt"
	"strings"
)

// leastProbe is the first block that is asked for; each is twice the one before it.
const leastProbe = 1 << 20

// try is one block of a probe, and how long it took from before it was asked for until it had been touched.
type try struct {
	bytes uint64
	ns    int64
}

var probed []byte // the block at hand, published

// probe asks for ever larger blocks, up to most bytes: which one can the heap as it is still serve, and how fast? Each is
// touched, read back and let go of. One that cannot be had ends a Go process, so that here none is told as failed.
func probe(most uint64) ([]try, error) {
	var tries []try
	for size := uint64(leastProbe); size <= most; size *= 2 {
		asked := now()
		probed = make([]byte, size)
		touch(probed, size)
		tries = append(tries, try{size, now() - asked})
		_, whole := readBack(probed, size)
		probed = nil
		if !whole {
			return nil, fmt.Errorf("probe: a block of %d bytes does not read back", size)
		}
	}
	return tries, nil
}

// encodeProbe writes bytes:ns;bytes:ns.
func encodeProbe(tries []try) string {
	var parts []string
	for _, t := range tries {
		parts = append(parts, fmt.Sprintf("%d:%d", t.bytes, t.ns))
	}
	return strings.Join(parts, ";")
}
