package main

import "fmt"

// entry says how to make a workload, in which modes it may run, and whether on one thread only. The constructor takes its parameters from the
// request and allocates next to nothing; setup builds the live set.
type entry struct {
	make  func(r *request, t int) workload
	open  bool
	alone bool // it looks at the whole heap
}

var registry = map[string]entry{
	"churn":    {newChurn, true, false},
	"graph":    {newGraph, false, false},
	"slices":   {newSlices, false, false},
	"cache":    {newCache, true, false},
	"trees":    {newTrees, false, false},
	"fragment": {newFragment, false, false},
	"stacks":   {newStacks, false, false},

	"pooling":    {newPooling, false, false},
	"objects":    {newObjects, false, true},
	"maps":       {newMaps, false, true},
	"finalizers": {newFinalizers, false, true},
	"profile":    {newProfile, false, true},
	"stores":     {newStores, false, true},
	"phases":     {newPhases, false, true},

	"recording": {newRecording, false, false},
}

// construct makes one workload per thread, or names what is wrong with the request.
func construct(r *request) ([]workload, error) {
	known, ok := registry[r.workload]
	switch {
	case !ok:
		return nil, fmt.Errorf("workload: %s is unknown", r.workload)
	case r.open && !known.open:
		return nil, fmt.Errorf("mode: %s runs in closed loop only", r.workload)
	case r.threads > 1 && known.alone:
		return nil, fmt.Errorf("threads: %s runs on one, since it looks at the whole heap", r.workload)
	case r.drag > 0 && r.workload == "fragment":
		return nil, fmt.Errorf("drag_permille: is not for fragment")
	case r.returnMs > 0 && r.workload != "fragment":
		return nil, fmt.Errorf("return_ms: is for fragment only")
	case !r.force && r.workload != "fragment":
		return nil, fmt.Errorf("force: can be 0 for fragment only")
	case r.probe > 0 && r.workload != "fragment":
		return nil, fmt.Errorf("probe_bytes: is for fragment only")
	}
	first := known.make(r, 0)
	if err := r.leftover(); err != nil {
		return nil, err
	}
	works := []workload{first}
	for t := 1; t < r.threads; t++ {
		works = append(works, known.make(r, t))
	}
	return works, nil
}
