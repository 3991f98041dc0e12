package main

import (
	"runtime"
	"strings"
	"testing"
)

func TestWhatEveryFrameHoldsIsReadBackFromItsStack(t *testing.T) {
	for name, damage := range map[string]func(w *stacks, own *bag){
		"a piece is changed": func(_ *stacks, own *bag) { own.pieces[1].data[64] ^= 1 },
		"a bag is another's": func(_ *stacks, own *bag) { own.id++ },
	} {
		w := prepared(t, "stacks").(*stacks)
		if _, err := w.verify(); err != nil {
			t.Fatal(err)
		}
		// A sleeper of the test's own, down whose stack a damaged bag is carried.
		s := &sleeper{turn: make(chan struct{}), baton: &w.baton}
		for level := range w.baton.carry {
			w.baton.carry[level] = w.baton.newBag(uint64(level))
		}
		damage(w, w.baton.carry[5])
		go s.live()
		w.wake(s, toWalk, 0)
		w.sleepers = append(w.sleepers, s)
		if _, err := w.verify(); err == nil || err.Error() != "stacks: what frame 5 holds does not read back" {
			t.Errorf("%s: verify says %v", name, err)
		}
	}
}

func TestNothingButTheStacksLeadsToWhatTheyHoldWhileTheySleep(t *testing.T) {
	w := prepared(t, "stacks").(*stacks)
	for range 40 {
		w.operation()
		for level, own := range w.baton.carry {
			if own != nil {
				t.Fatalf("the baton holds the bag of level %d", level)
			}
		}
	}
	runtime.GC()
	if _, err := w.verify(); err != nil {
		t.Error(err)
	}
}

func TestSleepersFramesAndPiecesAreSharedOutWithoutARest(t *testing.T) {
	_, works, err := parse(requestFor("stacks", "threads=4", "p.sleepers=21"))
	if err != nil {
		t.Fatal(err)
	}
	sleepers, live := 0, uint64(0)
	for _, w := range works {
		w.setup()
		s := w.(*stacks)
		sleepers += len(s.sleepers)
		held := uint64(0)
		for _, each := range s.sleepers {
			for level := range s.baton.carry {
				held += uint64(len(s.baton.newBag(each.first + uint64(level)).pieces))
			}
		}
		if held != s.baton.pieces {
			t.Errorf("frames hold %d pieces of %d", held, s.baton.pieces)
		}
		live += w.liveBytes()
	}
	if sleepers != 21 || live < 4194304*98/100 || live > 4194304*102/100 {
		t.Errorf("%d sleepers hold %d bytes", sleepers, live)
	}
}

func TestASleeperIsWokenEachSoManyOperations(t *testing.T) {
	w := prepared(t, "stacks", "p.wake_every=3").(*stacks)
	sum := w.baton.sum
	for n := 1; n <= 9; n++ {
		w.operation()
		if woken := w.baton.sum != sum; woken != (n%3 == 0) {
			t.Errorf("operation %d: woken is %v", n, woken)
		}
		sum = w.baton.sum
	}
}

func TestMoreThreadsThanFitAreRefusedWithTheMostThatDo(t *testing.T) {
	var stdout, stderr strings.Builder
	text := requestFor("stacks", "p.kind=platform", "p.sleepers=1048576", "p.live_bytes=8589934592")
	code := run(strings.NewReader(text), &stdout, &stderr)
	said := stderr.String()
	if most, _ := mostThreads(""); most > 1<<20 {
		t.Skip("so many fit here")
	}
	if code != exitUnable || stdout.Len() > 0 || strings.Count(said, "\n") != 1 || !strings.Contains(said, "p.sleepers: 1048576 threads do not fit here: at most ") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout.String(), said)
	}
}
