package main

import (
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// counted is how many values a histogram of the answer holds.
func counted(t *testing.T, values map[string]string, name string) int64 {
	t.Helper()
	h, err := hdrhistogram.Decode([]byte(values["hist."+name]))
	if err != nil {
		t.Fatal(err)
	}
	return h.TotalCount()
}

// The checksum folds how many values were counted, so it is the same in every language.
func TestEveryPathOfTheRecorderCountsWhatItTimes(t *testing.T) {
	for path, checksum := range map[string]string{
		"clock": "5692161d100b05e5", "closed": "1c7d41d9b0d4d943", "open": "1efb2a22f48031bb", "waited": "1efb2a22f48031bb",
	} {
		values, _ := answer(t, requestFor("recording", "p.path="+path))
		if values["checksum"] != checksum || counted(t, values, "service") != 40 {
			t.Errorf("%s: checksum %s of %d rounds", path, values["checksum"], counted(t, values, "service"))
		}
	}
}

func TestAValueThatTheRecorderLosesIsFound(t *testing.T) {
	w := prepared(t, "recording").(*recording)
	w.operation()
	if _, err := w.verify(); err != nil {
		t.Error(err)
	}
	w.service.Reset()
	if _, err := w.verify(); err == nil || err.Error() != "recording: 0 values counted, 100 recorded" {
		t.Errorf("verify says %v", err)
	}
}

func TestRecordTwoRecordsFourOfEachSixteen(t *testing.T) {
	all, _ := answer(t, requestFor("churn", "ops=40"))
	some, _ := answer(t, requestFor("churn", "ops=40", "record=2"))
	if counted(t, all, "service") != 2*40 || counted(t, some, "service") != 2*(4+4+4) {
		t.Errorf("%d and %d recorded", counted(t, all, "service"), counted(t, some, "service"))
	}
	if all["checksum"] != some["checksum"] || some["ops"] != "80" {
		t.Errorf("other work: %s and %s", all["checksum"], some["checksum"])
	}
}

func TestAlternateRecordsTwoOfFourStretchesAndKeepsTheirRatio(t *testing.T) {
	plain, _ := answer(t, requestFor("churn", "ops=300", "record=0"))
	for record, recorded := range map[string]int64{"1": 128, "2": 32} {
		values, keys := answer(t, requestFor("churn", "ops=300", "alternate=1", "record="+record))
		if !strings.Contains(strings.Join(keys, " "), "hist.ratio hist.service hist.watcher") {
			t.Errorf("answer has %v", keys)
		}
		for name, want := range map[string]int64{"ratio": 2, "service": 2 * recorded} {
			if got := counted(t, values, name); got != want {
				t.Errorf("record=%s: %s has %d values, want %d", record, name, got, want)
			}
		}
		if values["checksum"] != plain["checksum"] {
			t.Errorf("record=%s is other work", record)
		}
	}
}

// Of operations that take 2 ms each by sleeping, a drag of a half makes 3: never less, whatever the machine does besides.
func TestDragMakesEachOperationLongerByItsShareAndIsTheSameWork(t *testing.T) {
	plain, _ := answer(t, requestFor("churn", "ops=40"))
	dragged, _ := answer(t, requestFor("churn", "ops=40", "drag_permille=500"))
	if plain["checksum"] != dragged["checksum"] || counted(t, dragged, "service") != 2*40 {
		t.Errorf("other work: %s and %s, %d recorded", plain["checksum"], dragged["checksum"], counted(t, dragged, "service"))
	}
	const slept = 2_000_000
	m := &mutator{work: sleeping(slept), service: newHistogram()}
	m.operateDragged(10, 500)
	if m.service.TotalCount() != 10 || m.service.Min() < slept*3/2*999/1000 {
		t.Errorf("%d operations, the shortest %d ns", m.service.TotalCount(), m.service.Min())
	}
}

// sleeping is a workload whose operation is a sleep of so many ns.
type sleeping int64

func (s sleeping) setup()                  {}
func (s sleeping) operation() uint64       { sleepUntil(now() + int64(s)); return 0 }
func (s sleeping) verify() (uint64, error) { return 0, nil }
func (s sleeping) liveBytes() uint64       { return 0 }
func (s sleeping) requestedBytes() uint64  { return 0 }
func (s sleeping) drop()                   {}
