package main

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
)

// measured is a value that an experiment told of itself.
func measured(t *testing.T, values map[string]string, name string) float64 {
	t.Helper()
	is, err := strconv.ParseFloat(values["value."+name], 64)
	if err != nil {
		t.Errorf("value.%s: %v", name, err)
	}
	return is
}

// keepProfileRate undoes what the experiment profile sets for the whole process.
func keepProfileRate(t *testing.T) {
	rate := runtime.MemProfileRate
	t.Cleanup(func() { runtime.MemProfileRate = rate })
}

func TestAnObjectTakesItsSizeClass(t *testing.T) {
	for kind, class := range map[string]float64{
		"values1": 8, "values2": 16, "values3": 24, "values4": 32, "values16": 128, "values64": 512, "pointers4": 32,
	} {
		values, _ := answer(t, requestFor("objects", "threads=1", "p.live_bytes=8388608", "p.kind="+kind))
		if each := measured(t, values, "object_bytes"); each < class*0.98 || each > class*1.05 {
			t.Errorf("%s: %.2f bytes an object, where the class has %.0f", kind, each, class)
		}
		if each := measured(t, values, "reference_bytes"); each < 7.9 || each > 9.5 {
			t.Errorf("%s: %.2f bytes a reference", kind, each)
		}
		if share := measured(t, values, "raised_once_share"); share != 1 {
			t.Errorf("%s: %.2f of the forced collections were counted once", kind, share)
		}
	}
}

func TestWhatHasNoReferencesIsNotScanned(t *testing.T) {
	flat, _ := answer(t, requestFor("objects", "threads=1", "p.live_bytes=8388608", "p.kind=values4"))
	linked, _ := answer(t, requestFor("objects", "threads=1", "p.live_bytes=8388608", "p.kind=pointers4"))
	one, other := measured(t, flat, "scanned_bytes"), measured(t, linked, "scanned_bytes")
	if other-one < 8388608*0.9 {
		t.Errorf("%.0f bytes scanned of numbers and %.0f of references", one, other)
	}
}

func TestAMapKeepsWhatItOnceNeeded(t *testing.T) {
	values, _ := answer(t, requestFor("maps", "threads=1", "p.live_bytes=8388608"))
	full := measured(t, values, "full_bytes")
	if full < 8388608 {
		t.Errorf("%.0f bytes for %d of payload", full, 8388608)
	}
	if half := measured(t, values, "half_bytes"); half <= 0 || half >= full {
		t.Errorf("%.0f bytes half full and %.0f full", half, full)
	}
	if replaced := measured(t, values, "replaced_bytes"); replaced > full/20 {
		t.Errorf("%.0f bytes of %.0f are left after the map is gone", replaced, full)
	}
}

func TestWhatIsReportedOfHandlesThatNobodyHolds(t *testing.T) {
	for _, c := range []struct {
		kind, opened, closed string
		reported             float64
	}{
		{"alone", "10", "7", 3},
		{"alone", "10", "0", 10},
		{"cycle", "20", "0", 0},
		{"broken", "20", "0", 20},
		{"weak", "20", "0", 20},
		{"cleanup", "20", "0", 20},
	} {
		values, _ := answer(t, requestFor("finalizers", "threads=1", "warmup_ops=0", "ops=4", "p.kind="+c.kind,
			"p.opened="+c.opened, "p.closed="+c.closed))
		if reported := measured(t, values, "reported"); reported != c.reported {
			t.Errorf("%s: %.0f reported, not %.0f", c.kind, reported, c.reported)
		}
	}
}

func TestAProfileOfAllAllocationsTellsGarbageFromWhatLives(t *testing.T) {
	keepProfileRate(t)
	values, _ := answer(t, requestFor("profile", "threads=1", "warmup_ops=0", "ops=20"))
	block := float64(1024 + 32) // a size class for the bytes, and one for the object with its number
	for name, blocks := range map[string]float64{
		"churned_bytes": 2000, "retained_bytes": 1024, "churned_live_bytes": 1, "retained_live_bytes": 1024,
	} {
		// The table of what lives is in the profile, too.
		if bytes := measured(t, values, name); bytes < blocks*block || bytes > blocks*(block+8)+16384 {
			t.Errorf("%s: %.0f bytes for %.0f blocks", name, bytes, blocks)
		}
	}
}

func TestExperimentsRepeatForASeedAndRunAlone(t *testing.T) {
	keepProfileRate(t)
	for _, name := range []string{"objects", "maps", "finalizers", "profile", "phases", "stores"} {
		one, _ := answer(t, requestFor(name, "threads=1", "ops=2"))
		same, _ := answer(t, requestFor(name, "threads=1", "ops=2"))
		other, _ := answer(t, requestFor(name, "threads=1", "ops=2", "seed=43"))
		if one["checksum"] != same["checksum"] || one["checksum"] == other["checksum"] {
			t.Errorf("%s: checksums %s, %s and, of another seed, %s", name, one["checksum"], same["checksum"], other["checksum"])
		}
		_, _, err := parse(requestFor(name, "threads=2"))
		if want := fmt.Sprintf("threads: %s runs on one, since it looks at the whole heap", name); err == nil || err.Error() != want {
			t.Errorf("%s on two threads: %v", name, err)
		}
	}
}

func TestADamagedExperimentIsFound(t *testing.T) {
	herd := prepared(t, "objects", "threads=1").(*objects)
	herd.herd.(*flatHerd[[2]uint64]).objects[5][1]++
	table := prepared(t, "maps", "threads=1").(*mapping)
	delete(table.table, 5)
	handles := prepared(t, "finalizers", "threads=1").(*finalizers)
	handles.blocks[5].data[64]++
	far := prepared(t, "stores", "threads=1").(*stores)
	far.table[5].to = &storeNode{id: far.table[6].id}
	load := prepared(t, "phases", "threads=1").(*phases)
	load.table[5].leaves[1].b++
	for _, w := range []workload{herd, table, handles, far, load} {
		if _, err := w.verify(); err == nil {
			t.Errorf("%T: the damage is not found", w)
		}
	}
}
