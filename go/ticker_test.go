package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestATickIsNotedWhenItIsDueAndNeverAllocates(t *testing.T) {
	ticker := newTicker()
	ticker.note()
	due := ticker.due
	if due != ticker.ticks[0].at+tickEvery {
		t.Errorf("due %d after %d", due, ticker.ticks[0].at)
	}
	if ticker.noteIfDue(due - 1); len(ticker.ticks) != 1 {
		t.Error("noted too early")
	}
	if ticker.noteIfDue(due); len(ticker.ticks) != 2 {
		t.Error("not noted though it was due")
	}
	allocated := testing.AllocsPerRun(100, func() {
		ticker.ticks = ticker.ticks[:1]
		ticker.noteIfDue(ticker.due)
	})
	if allocated != 0 {
		t.Errorf("a tick allocates %.0f times", allocated)
	}
}

func TestTheLastPlaceIsKeptForTheEndOfTheWindow(t *testing.T) {
	ticker := newTicker()
	for range 2 * mostTicks {
		ticker.noteIfDue(ticker.due)
	}
	if ticker.note(); len(ticker.ticks) != mostTicks || cap(ticker.ticks) != mostTicks {
		t.Errorf("%d ticks in room for %d", len(ticker.ticks), cap(ticker.ticks))
	}
}

func TestTicksAreEncodedInOrder(t *testing.T) {
	if got := encodeTicks([]tick{{1, 2, 3, 4}, {50, 60, 70, 80}}); got != "1:2:3:4;50:60:70:80" {
		t.Errorf("encoded %s", got)
	}
}

// ticksOf reads the line ticks=at:cpu:allocated:used;...
func ticksOf(t *testing.T, values map[string]string) (ticks []tick) {
	t.Helper()
	for entry := range strings.SplitSeq(values["ticks"], ";") {
		var one tick
		if _, err := fmt.Sscanf(entry, "%d:%d:%d:%d", &one.at, &one.cpu, &one.allocated, &one.used); err != nil {
			t.Fatalf("ticks has %q: %v", entry, err)
		}
		ticks = append(ticks, one)
	}
	return ticks
}

func TestTicksSpanTheWindowAndAddUpToItsAccounts(t *testing.T) {
	values, _ := answer(t, requestFor("churn", "ops=3000"))
	ticks := ticksOf(t, values)
	first, last := ticks[0], ticks[len(ticks)-1]
	if uint64(first.at) > number(t, values, "mark.begin") || uint64(last.at) < number(t, values, "mark.end") {
		t.Errorf("ticks %v, window from %s to %s", ticks, values["mark.begin"], values["mark.end"])
	}
	account := number(t, values, "after.alloc_bytes") - number(t, values, "before.alloc_bytes")
	const little = 64 << 10 // what the harness itself allocates around the window
	if told := last.allocated - first.allocated; told > account+little || told+little < account {
		t.Errorf("%d bytes between the ticks, %d by the account", told, account)
	}
	if last.used < number(t, values, "live_bytes") || last.cpu <= first.cpu {
		t.Errorf("ticks %v of %s live bytes", ticks, values["live_bytes"])
	}
}

func TestAWindowOfTwoSecondsHasTicksInside(t *testing.T) {
	values, _ := answer(t, requestFor("cache", "mode=open", "rate=200", "ops=250"))
	ticks := ticksOf(t, values)
	if len(ticks) < 4 {
		t.Fatalf("ticks %v", ticks)
	}
	for i, next := range ticks[1:] {
		if before := ticks[i]; next.at <= before.at || next.cpu < before.cpu || next.allocated < before.allocated {
			t.Errorf("%v after %v", next, before)
		}
	}
}
