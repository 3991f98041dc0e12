package main

import (
	"math"
	"regexp"
	"strings"
	"testing"
)

// variants are the requests under which every workload is tested.
var variants = []struct{ workload, change string }{
	{"churn", "p.lifetime=random"},
	{"churn", "p.lifetime=oldest"},
	{"churn", "p.pointers=0"},
	{"graph", "p.mutations=4"},
	{"slices", "p.layout=pointers"},
	{"slices", "p.layout=values"},
	{"cache", "p.eviction=oldest"},
	{"cache", "p.eviction=random"},
	{"trees", "p.retain_permille=300"},
	{"fragment", "p.shape=growing"},
	{"fragment", "p.shape=shrinking"},
	{"fragment", "p.shape=mixed"},
	{"fragment", "p.layout=stripes"},
	{"fragment", "p.contents=pointers"},
	{"stacks", "p.kind=light"},
	{"stacks", "p.kind=platform"},
	{"pooling", "p.kind=fresh"},
}

// prepared makes the variant's first thread and builds its live set.
func prepared(t *testing.T, name string, changes ...string) workload {
	t.Helper()
	_, works, err := parse(requestFor(name, changes...))
	if err != nil {
		t.Fatal(err)
	}
	works[0].setup()
	return works[0]
}

// outcome is the checksum after some operations, the live set included.
func outcome(t *testing.T, w workload) uint64 {
	t.Helper()
	m := mutator{work: w}
	m.operate(12)
	walk, err := w.verify()
	if err != nil {
		t.Error(err)
	}
	return fold(m.sum, walk)
}

func TestWorkloadsRepeatForASeedAndDifferForAnother(t *testing.T) {
	for _, v := range variants {
		t.Run(v.workload+" "+v.change, func(t *testing.T) {
			first, second := prepared(t, v.workload, v.change), prepared(t, v.workload, v.change)
			one, two := outcome(t, first), outcome(t, second)
			if one != two || first.requestedBytes() != second.requestedBytes() || first.liveBytes() != second.liveBytes() {
				t.Error("two runs of one seed differ")
			}
			if one == outcome(t, prepared(t, v.workload, v.change, "seed=43")) {
				t.Error("two seeds have the same checksum")
			}
		})
	}
}

// The smallest allocation tests' parameters have thousands of objects, so that random sizes average out.
func TestLiveBytesAreWithinTwoPercentOfWhatWasAsked(t *testing.T) {
	for _, v := range variants {
		t.Run(v.workload+" "+v.change, func(t *testing.T) {
			w := prepared(t, v.workload, v.change, "p.live_bytes=16777216")
			for range 12 {
				if ratio := float64(w.liveBytes()) / (16777216 / 2); math.Abs(ratio-1) > 0.02 {
					t.Fatalf("%d live bytes are %.3f of the share", w.liveBytes(), ratio)
				}
				w.operation()
			}
		})
	}
}

// liveBytes and requestedBytes are counted on the way; here they are counted over.
func TestLiveBytesAreWhatTheWorkloadHolds(t *testing.T) {
	held := func(w workload) (sum uint64) {
		switch w := w.(type) {
		case *churn:
			for _, b := range append(w.ring[:len(w.ring):len(w.ring)], w.table...) {
				sum += 8 + uint64(len(b.data)) + 24*uint64(len(b.leaves))
			}
		case *cache:
			for key, s := range w.sessions {
				sum += uint64(len(key)+len(s.value)) + 16
			}
		case *fragment[*cell]:
			for _, b := range w.blocks[:w.count] {
				sum += 8 + uint64(len(b.data))
			}
		case *fragment[*knot]:
			for _, b := range w.blocks[:w.count] {
				sum += 8 + 8*uint64(len(b.refs))
			}
		default:
			sum = w.liveBytes() // of a fixed number of objects of one size
		}
		return sum
	}
	for _, v := range variants {
		w := prepared(t, v.workload, v.change)
		outcome(t, w)
		if w.liveBytes() != held(w) {
			t.Errorf("%s %s: %d bytes live, %d held", v.workload, v.change, w.liveBytes(), held(w))
		}
		if w.requestedBytes() < w.liveBytes()/2 {
			t.Errorf("%s %s: %d bytes requested for %d live", v.workload, v.change, w.requestedBytes(), w.liveBytes())
		}
	}
}

func TestALostOrDamagedSurvivorIsFound(t *testing.T) {
	for name, damage := range map[string]func(w workload){
		"churn":    func(w workload) { w.(*churn).table[3].data[0] ^= 1 },
		"graph":    func(w workload) { n := w.(*graph).table[0]; n.out[1] = n.out[2] },
		"slices":   func(w workload) { w.(*pointerSlices).chunks[2][1000].b++ },
		"cache":    func(w workload) { c := w.(*cache); delete(c.sessions, c.ring[7]) },
		"trees":    func(w workload) { w.(*trees).forest[1].left.right = new(tree) },
		"fragment": func(w workload) { w.(*fragment[*cell]).blocks[5].data[0] ^= 1 },
		"stacks":   func(w workload) { w.(*stacks).ring[5].data[0] ^= 1 },
	} {
		w := prepared(t, name)
		damage(w)
		if _, err := w.verify(); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: verify says %v", name, err)
		}
	}
}

func TestGraphKeepsItsEdgesThroughReplacements(t *testing.T) {
	for _, nodes := range []string{"65536", "2097152"} { // of the few nodes many point at themselves
		g := prepared(t, "graph", "p.live_bytes="+nodes, "p.replacements=50", "p.mutations=50").(*graph)
		selves := 0
		for range 200 {
			g.operation()
			for _, n := range g.table {
				for k := range slots {
					if n.out[k] == n {
						selves++
					}
				}
			}
		}
		if _, err := g.verify(); err != nil || selves == 0 {
			t.Errorf("%s bytes, %d loops: %v", nodes, selves, err)
		}
	}
}

func TestChurnSurvivorsLiveUntilTheyAreDisplaced(t *testing.T) {
	c := prepared(t, "churn", "p.lifetime=oldest", "p.survival_permille=1000").(*churn)
	second, ring := c.table[c.blocksPerOp], c.ring[0]
	c.operation()
	if c.table[c.blocksPerOp] != second || c.ring[0] != ring {
		t.Error("more than the oldest survivors were displaced")
	}
	c.operation()
	if c.table[c.blocksPerOp] == second {
		t.Error("the oldest survivor was not displaced")
	}
}

func TestCacheTextsAreWellFormed(t *testing.T) {
	c := prepared(t, "cache").(*cache)
	request := string(c.makeRequest())
	if !regexp.MustCompile(`^GET /session:\d{12}\?n=\d{1,2}&trace=[0-9a-f]{16}$`).MatchString(request) {
		t.Errorf("request %q", request)
	}
	c.operation()
	q, reply := c.query, string(c.reply)
	if q.path != "/"+q.key || len(q.key) != keyBytes || len(q.params) != 2 || q.params[1].name != "trace" {
		t.Errorf("parsed %+v", q)
	}
	header, body, _ := strings.Cut(reply, "\r\n\r\n")
	shown := min(replyValue, len(c.sessions[q.key].value))
	if !strings.HasPrefix(header, "HTTP/1.1 20") || !strings.Contains(header, q.key) || len(body) != 2*shown {
		t.Errorf("reply %q", reply)
	}
}
