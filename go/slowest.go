package main

import (
	"math"
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
	slice    int64 // the present one
	until    int64 // its end, CLOCK_MONOTONIC
	most     int64 // its longest
	longest  []int64
	intended []int64 // that request's, CLOCK_MONOTONIC; 0 where the slice has none
}

// newSlowest has room for a window whose last request is intended that many ns after its begin.
func newSlowest(last int64) *slowest {
	shift := uint(max(0, bits.Len64(uint64(last))-sliceBits))
	count := last>>shift + 1
	return &slowest{shift: shift, longest: make([]int64, count), intended: make([]int64, count)}
}

// note keeps a request if it is its slice's slowest so far. A thread's requests come in the order in which they were intended,
// so that most of them cost two comparisons. It never allocates.
func (s *slowest) note(intended, response int64) {
	if intended >= s.until {
		s.enter(intended)
	}
	if response > s.most {
		s.most = response
		s.longest[s.slice] = response
		s.intended[s.slice] = intended
	}
}

// enter goes on to the slice in which a request was intended; what comes after the window is the last one's.
func (s *slowest) enter(intended int64) {
	last := int64(len(s.longest) - 1)
	s.slice = min((intended-s.begin)>>s.shift, last)
	s.until = s.begin + (s.slice+1)<<s.shift
	if s.slice == last {
		s.until = math.MaxInt64
	}
	s.most = s.longest[s.slice]
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
