package main

import (
	"fmt"
	"testing"
)

// The ports in other languages must give the same answers to the same requests: 2 threads, seed 42, 5 + 20 operations,
// the parameters of request_test.go with one change.
func TestGoldenAnswers(t *testing.T) {
	for _, c := range []struct {
		workload, change, checksum string
		requested, live            uint64
	}{
		{"churn", "p.lifetime=random", "6d15314df59a5999", 100837, 4188396},
		{"churn", "p.lifetime=oldest", "c397e49f4afb3216", 105899, 4192421},
		{"churn", "p.pointers=0", "4cc6398b3f63b982", 80748, 4188879},
		{"graph", "p.mutations=4", "7661b02073782de4", 25600, 262080},
		{"slices", "p.layout=pointers", "78df50c682c5edd5", 1474560, 4177920},
		{"slices", "p.layout=values", "9a3efe01370b4e4b", 1310720, 4194304},
		{"cache", "p.eviction=oldest", "2727415471a75ac1", 60809, 4200686},
		{"cache", "p.eviction=random", "ba6b74b145e45524", 62095, 4201392},
		{"trees", "p.retain_permille=300", "e8be350551b09451", 327040, 4194288},
		{"fragment", "p.shape=growing", "bd816a115a1f95b0", 29897786, 1048794},
		{"fragment", "p.shape=shrinking", "1048c9220c104c59", 29880318, 1048859},
		{"fragment", "p.shape=mixed", "a09519e72b0994ca", 29894875, 1048944},
		{"fragment", "p.layout=stripes", "df66850b93e40fa4", 30010210, 1048737},
		{"fragment", "p.contents=pointers", "004e3daed13ca23b", 15678872, 1048712},
		{"fragment", "p.handoff=1", "cb25431e446350a2", 29897786, 1048794},
		{"fragment", "p.size_limit=1048576", "12bfcb3ad08ba71f", 34073943, 1048846},
		{"stacks", "p.kind=light", "fd707f9a3f80764b", 84480, 4194288},
		{"stacks", "p.kind=platform", "fd707f9a3f80764b", 84480, 4194288},
	} {
		values, _ := answer(t, requestFor(c.workload, c.change))
		got := fmt.Sprint(values["checksum"], " ", values["requested_bytes"], " ", values["live_bytes"])
		if want := fmt.Sprint(c.checksum, " ", c.requested, " ", c.live); got != want {
			t.Errorf("%s %s: %s, want %s", c.workload, c.change, got, want)
		}
	}
}
