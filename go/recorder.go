package main

import "github.com/HdrHistogram/hdrhistogram-go"

// Histogram bounds, in ns: whole nanoseconds up to one hour, three digits. About 270 KiB each.
const (
	shortest = 1
	longest  = 3_600_000_000_000
	digits   = 3
)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(shortest, longest, digits) }

// record counts one duration. It never allocates: values out of range, for which the library would make an error, are
// recorded as the bound they passed.
func record(h *hdrhistogram.Histogram, ns int64) {
	_ = h.RecordValue(min(max(ns, shortest), longest))
}

// recordClosed counts an operation that began when the one before it ended, at last, and returns when it ended: one clock
// read an operation.
func recordClosed(service *hdrhistogram.Histogram, last int64) int64 {
	done := now()
	record(service, done-last)
	return done
}

// recordOpen counts an operation that was intended for one time and started at another, notes it if it is a slow one, and
// returns when it ended. Its start is the end of the one before it, or the clock read that ended the wait for it: one more
// read at most.
func recordOpen(response, service *hdrhistogram.Histogram, slow *slowest, intended, start int64) int64 {
	done := now()
	record(response, done-intended)
	slow.note(intended, done-intended)
	record(service, done-start)
	return done
}

// merge adds up the threads' histograms.
func merge(parts []*hdrhistogram.Histogram) *hdrhistogram.Histogram {
	whole := newHistogram()
	for _, part := range parts {
		whole.Merge(part)
	}
	return whole
}

// encode returns the HdrHistogram V2 compressed encoding in base64.
func encode(h *hdrhistogram.Histogram) (string, error) {
	bytes, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	return string(bytes), err
}
