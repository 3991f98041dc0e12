package main

import (
	"strconv"
	"strings"
	"testing"
)

func TestAThreadHas256BlocksAtMostAndTheyHoldAllOperations(t *testing.T) {
	for _, ops := range []uint64{1, 2, 255, 256, 257, 1000, 65_537, 2_000_000_000} {
		for _, skip := range []uint64{0, ofEach - inARow} {
			p := newProgress(ops, skip)
			blocks := uint64(len(p.durations))
			if blocks > mostBlocks || blocks*p.block < ops || (blocks-1)*p.block >= ops {
				t.Errorf("%d operations: %d blocks of %d", ops, blocks, p.block)
			}
			if skip > 0 && p.block%ofEach != 0 {
				t.Errorf("a block of %d cuts a row of %d", p.block, ofEach)
			}
		}
	}
	if p := newProgress(0, 0); len(p.durations) != 0 {
		t.Errorf("no operations have %d blocks", len(p.durations))
	}
}

func TestProgressIsEncodedThreadByThread(t *testing.T) {
	parts := []*progress{{7, []int64{100, 200, 30}}, {7, []int64{110, 190, 25}}}
	if got := encodeProgress(parts); got != "7:100,200,30;110,190,25" {
		t.Errorf("encoded %s", got)
	}
}

// blocksOf reads the line progress=block:d,d,...;d,d,...
func blocksOf(t *testing.T, values map[string]string) (block uint64, threads [][]uint64) {
	t.Helper()
	head, rest, _ := strings.Cut(values["progress"], ":")
	block, err := strconv.ParseUint(head, 10, 64)
	if err != nil {
		t.Fatalf("progress=%s", values["progress"])
	}
	for part := range strings.SplitSeq(rest, ";") {
		var durations []uint64
		for text := range strings.SplitSeq(part, ",") {
			duration, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				t.Fatalf("progress has %q", text)
			}
			durations = append(durations, duration)
		}
		threads = append(threads, durations)
	}
	return block, threads
}

func TestTheBlocksOfAClosedLoopFillItsWindow(t *testing.T) {
	for _, record := range []string{"record=1", "record=2"} {
		values, keys := answer(t, requestFor("churn", "ops=5000", record))
		if !strings.HasSuffix(strings.Join(keys, " "), "hist.watcher progress done") {
			t.Errorf("answer has %v", keys)
		}
		block, threads := blocksOf(t, values)
		want := newProgress(5000, map[string]uint64{"record=1": 0, "record=2": ofEach - inARow}[record])
		if block != want.block || len(threads) != 2 {
			t.Errorf("%s: %d threads with blocks of %d", record, len(threads), block)
		}
		window := number(t, values, "mark.end") - number(t, values, "mark.begin")
		for _, durations := range threads {
			sum := uint64(0)
			for _, duration := range durations {
				sum += duration
			}
			if len(durations) != len(want.durations) || sum == 0 || sum > window {
				t.Errorf("%s: %d blocks of %d ns together in a window of %d ns", record, len(durations), sum, window)
			}
		}
	}
}

func TestOnlyARecordedClosedLoopTellsItsProgress(t *testing.T) {
	for workload, changes := range map[string][]string{
		"churn":    {"mode=open", "rate=20000"},
		"cache":    {"record=0"},
		"graph":    {"alternate=1", "ops=512"},
		"fragment": nil,
	} {
		values, _ := answer(t, requestFor(workload, changes...))
		if text, told := values["progress"]; told {
			t.Errorf("%s %v: progress=%s", workload, changes, text)
		}
	}
}

func TestChecksumsDoNotDependOnTheBlocks(t *testing.T) {
	blocks, _ := answer(t, requestFor("cache", "ops=700", "record=2"))
	none, _ := answer(t, requestFor("cache", "ops=700", "record=0"))
	if blocks["checksum"] != none["checksum"] || blocks["ops"] != none["ops"] {
		t.Errorf("%s of %s operations in blocks, %s of %s without", blocks["checksum"], blocks["ops"], none["checksum"], none["ops"])
	}
}
