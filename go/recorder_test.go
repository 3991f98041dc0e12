package main

import (
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

func TestMergeAddsUpAndEncodingRoundTrips(t *testing.T) {
	a, b := newHistogram(), newHistogram()
	for i := int64(1); i <= 1000; i++ {
		record(a, i)
		record(b, 1_000_000*i)
	}
	whole := merge([]*hdrhistogram.Histogram{a, b})
	text, err := encode(whole)
	if err != nil {
		t.Fatal(err)
	}
	back, err := hdrhistogram.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []*hdrhistogram.Histogram{whole, back} {
		count, median := h.TotalCount(), h.ValueAtQuantile(50)
		if count != 2000 || median != 1000 || h.Min() != 1 || !h.ValuesAreEquivalent(h.Max(), 1_000_000_000) {
			t.Errorf("count %d, min %d, median %d, max %d", count, h.Min(), median, h.Max())
		}
	}
}

func TestRecordKeepsValuesOutOfRangeAndNeverAllocates(t *testing.T) {
	h := newHistogram()
	allocated := testing.AllocsPerRun(100, func() {
		for _, ns := range []int64{-5, 0, 1, 77_777, longest, 1 << 62} {
			record(h, ns)
		}
	})
	if allocated != 0 {
		t.Errorf("record allocates %.0f times", allocated)
	}
	if h.TotalCount() != 101*6 || h.Min() != shortest || !h.ValuesAreEquivalent(h.Max(), longest) {
		t.Errorf("count %d, min %d, max %d", h.TotalCount(), h.Min(), h.Max())
	}
}
