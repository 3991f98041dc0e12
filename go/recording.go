package main

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// recording is no work but the recorder itself: an operation is so many recordings by the functions that the loops use.
// Its service time divided by their number is what recording one operation costs here.
type recording struct {
	path     string
	times    uint64
	service  *hdrhistogram.Histogram
	response *hdrhistogram.Histogram
	slow     *slowest
	last     int64  // the clock's last reading, published
	due      uint64 // values that must have been counted
}

// recordingSpan is the window that a recording's slices are cut from, in ns: about a second, where the driver's rounds take a
// tenth of it, so that what is noted is spread over many slices as in an open loop.
const recordingSpan = 1 << 30

func newRecording(r *request, _ int) workload {
	return &recording{
		path:  r.word("path", "clock", "closed", "open", "waited"),
		times: r.param("times", 1, 1<<30),
	}
}

func (w *recording) setup() {
	w.service, w.response = newHistogram(), newHistogram()
	w.slow = newSlowest(recordingSpan)
	w.slow.begin = now()
}

// operation returns how many values it had counted.
func (w *recording) operation() uint64 {
	switch w.path {
	case "clock":
		return w.clockReads()
	case "closed":
		return w.closedPath()
	case "open":
		return w.openPath()
	}
	return w.waitedPath()
}

// clockReads is the floor under all of them: what the clock takes by itself.
func (w *recording) clockReads() uint64 {
	for range w.times {
		w.last = now()
	}
	return 0
}

// closedPath is the closed loop: a clock read and a value.
func (w *recording) closedPath() uint64 {
	last := now()
	for range w.times {
		last = recordClosed(w.service, last)
	}
	return w.counted(w.times)
}

// openPath is the open loop while requests are waiting: a clock read, two values and a note.
func (w *recording) openPath() uint64 {
	intended, start := now(), now()
	for range w.times {
		free := recordOpen(w.response, w.service, w.slow, intended, start)
		intended, start = start, free // each is an operation late
	}
	return w.counted(2 * w.times)
}

// waitedPath is the open loop where each request was waited for: the read that ends the wait, one more, two values
// and a note.
func (w *recording) waitedPath() uint64 {
	free := now()
	for range w.times {
		free = recordOpen(w.response, w.service, w.slow, free, sleepUntil(free))
	}
	return w.counted(2 * w.times)
}

func (w *recording) counted(values uint64) uint64 {
	w.due += values
	return values
}

func (w *recording) verify() (uint64, error) {
	counted := uint64(w.service.TotalCount() + w.response.TotalCount())
	if counted != w.due {
		return 0, fmt.Errorf("recording: %d values counted, %d recorded", counted, w.due)
	}
	return counted, nil
}

func (w *recording) liveBytes() uint64 { return 0 }

func (w *recording) requestedBytes() uint64 { return 0 }

func (w *recording) drop() {}
