package main

import "strconv"

// mostBlocks is how many blocks of operations a thread times at most.
const mostBlocks = 256

// progress is how long one block of a thread's operations took after the other, so that a report can tell whether the work
// reached a steady state inside the window.
type progress struct {
	block     uint64  // operations
	durations []int64 // ns; the last block may have fewer operations
}

// newProgress has room for that many operations. A block is whole rows of those that are recorded and left out (skip), so that
// which ones these are does not depend on the blocks.
func newProgress(ops, skip uint64) *progress {
	block := max(1, (ops+mostBlocks-1)/mostBlocks)
	if row := uint64(inARow) + skip; skip > 0 {
		block = (block + row - 1) / row * row
	}
	return &progress{block: block, durations: make([]int64, (ops+block-1)/block)}
}

// encodeProgress returns the operations of a block and the threads' durations, block:d,d,...;d,d,...
func encodeProgress(parts []*progress) string {
	text := strconv.AppendUint(nil, parts[0].block, 10)
	separator := byte(':')
	for _, part := range parts {
		for _, duration := range part.durations {
			text = append(text, separator)
			text = strconv.AppendInt(text, duration, 10)
			separator = ','
		}
		separator = ';'
	}
	return string(text)
}
