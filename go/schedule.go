package main

import "math"

// arrivalsSalt ("arrivals" in ASCII) keeps the schedule's generator apart from the workload's.
const arrivalsSalt = 0x6172726976616c73

// arrivals is thread t's Poisson process: the intended starts of n operations, as ns after the window's begin. rate is
// in operations per second over all threads.
func arrivals(seed uint64, t, threads int, rate, n uint64) []int64 {
	random := split(seed^arrivalsSalt, t)
	gap := 1e9 * float64(threads) / float64(rate)
	offsets := make([]int64, n)
	at := 0.0
	for i := range offsets {
		uniform := float64(random.next()>>11+1) / (1 << 53) // in (0, 1], so that its logarithm is finite
		at -= math.Log(uniform) * gap
		offsets[i] = int64(at)
	}
	return offsets
}
