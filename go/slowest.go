package main

import (
	"math/bits"
	"strconv"
)

// sliceBits is the width of the highest slice's number: the window has between 512 and 1024 slices.
const sliceBits = 10

// slowest is when the slowest requests of an open loop were due, so that a report can point at the pause behind them. The
// window is cut into slices of a power of two ns; each keeps the longest response time among the requests intended in it.
type slowest struct {
	begin    int64 // of the window, CLOCK_MONOTONIC
	shift    uint  // a slice is 1 << shift ns
	longest  []int64
	intended []int64 // that request's, CLOCK_MONOTONIC; 0 where the slice has none
}

// newSlowest has room for a window whose last request is intended that many ns after its begin.
func newSlowest(last int64) *slowest {
	shift := uint(max(0, bits.Len64(uint64(last))-sliceBits))
	count := last>>shift + 1
	return &slowest{shift: shift, longest: make([]int64, count), intended: make([]int64, count)}
}

// note keeps a request if it is its slice's slowest so far. It never allocates; what is intended outside the window belongs to
// the last slice.
func (s *slowest) note(intended, response int64) {
	slice := min(uint64(intended-s.begin)>>(s.shift&63), uint64(len(s.longest)-1))
	if response > s.longest[slice] {
		s.longest[slice] = response
		s.intended[slice] = intended
	}
}

// mergeSlowest keeps of each slice the slowest request of all threads. They have cut the same window.
func mergeSlowest(parts []*slowest) *slowest {
	whole := &slowest{
		begin:    parts[0].begin,
		shift:    parts[0].shift,
		longest:  make([]int64, len(parts[0].longest)),
		intended: make([]int64, len(parts[0].longest)),
	}
	for _, part := range parts {
		for slice, response := range part.longest {
			if response > whole.longest[slice] {
				whole.longest[slice] = response
				whole.intended[slice] = part.intended[slice]
			}
		}
	}
	return whole
}

// encodeSlowest returns intended:response;... in order of time, without the slices in which no request was due.
func encodeSlowest(s *slowest) string {
	var text []byte
	for slice, intended := range s.intended {
		if intended == 0 {
			continue
		}
		if len(text) > 0 {
			text = append(text, ';')
		}
		text = strconv.AppendInt(text, intended, 10)
		text = append(text, ':')
		text = strconv.AppendInt(text, s.longest[slice], 10)
	}
	return string(text)
}
