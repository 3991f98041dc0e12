package main

import "testing"

// The ports in other languages test the same values.
func TestGeneratorGoldenValues(t *testing.T) {
	zero := generator{}
	if got := zero.next(); got != 0xE220A8397B1DCDAF { // Vigna's splitmix64.c, state 0
		t.Errorf("next of state 0 = %#x", got)
	}
	g := split(42, 0)
	for i, want := range []uint64{0x57e1faba65107204, 0xf4abd143feb24055, 0x7c816738c12903b2} {
		if got := g.next(); got != want {
			t.Errorf("split(42, 0): value %d = %#x, want %#x", i, got, want)
		}
	}
	other := split(42, 1)
	if got := other.below(1000); got != 986 {
		t.Errorf("split(42, 1): below(1000) = %d, want %d", got, 986)
	}
	if got := fold(fold(0, 1), 2); got != 0x6cc200005c6886 {
		t.Errorf("fold = %#x, want %#x", got, uint64(0x6cc200005c6886))
	}
}

func TestBelowStaysBelowAndReachesBothEnds(t *testing.T) {
	for _, n := range []uint64{1, 2, 7, 1000, 1<<31 - 1} {
		g := split(1, 0)
		lowest, highest := n, uint64(0)
		for range 20_000 {
			v := g.below(n)
			lowest, highest = min(lowest, v), max(highest, v)
		}
		if highest >= n || lowest > n/1000 || highest < n-1-n/1000 {
			t.Errorf("below(%d) lies in [%d, %d]", n, lowest, highest)
		}
	}
}

func TestSizesDrawEveryClassEquallyOften(t *testing.T) {
	s := newSizes(48, 4095) // classes 48..63, 64..127, ... 2048..4095
	g := split(3, 0)
	count := map[uint64]int{}
	sum, draws := uint64(0), 70_000
	for range draws {
		size := s.draw(&g)
		if size < 48 || size > 4095 {
			t.Fatalf("drew %d", size)
		}
		class := uint64(0)
		for size>>class > 1 {
			class++
		}
		count[class]++
		sum += size
	}
	if len(count) != 7 {
		t.Errorf("%d classes, want 7", len(count))
	}
	for class, n := range count {
		if n < 9_500 || n > 10_500 {
			t.Errorf("class 2^%d drawn %d times in %d", class, n, draws)
		}
	}
	if mean := sum / uint64(draws); mean < s.mean()*98/100 || mean > s.mean()*102/100 {
		t.Errorf("mean drawn %d, mean() = %d", mean, s.mean())
	}
}

func TestReadBackFindsEveryTouchedByteThatChanged(t *testing.T) {
	for _, size := range []int{1, 63, 64, 65, 128, 1000} {
		data := make([]byte, size)
		touch(data, 7)
		whole, ok := readBack(data, 7)
		if !ok {
			t.Errorf("size %d does not read back", size)
		}
		for i := range data {
			if i%64 != 0 && i != size-1 {
				continue
			}
			data[i] ^= 1
			if sum, ok := readBack(data, 7); ok || sum == whole {
				t.Errorf("size %d: byte %d changed unnoticed", size, i)
			}
			data[i] ^= 1
		}
	}
}
