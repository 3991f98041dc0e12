package main

import (
	"runtime"
	"sync/atomic"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const watcherSleep = 1_000_000

// watcher is a thread that asks to sleep for 1 ms again and again and records how much later than asked it runs: what it
// feels, every thread of the process may feel. A goroutine back from a system call needs a P, so with as many busy
// mutators as GOMAXPROCS it also waits for the scheduler's time slice (10 ms). Awake once a second it has the ticker look,
// which is in no gap.
type watcher struct {
	late    *hdrhistogram.Histogram
	ticker  *ticker
	stopped atomic.Bool
	done    chan struct{}
}

func newWatcher(t *ticker) *watcher {
	return &watcher{late: newHistogram(), ticker: t, done: make(chan struct{})}
}

func (w *watcher) start() {
	ready := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		close(ready)
		for !w.stopped.Load() {
			due := now() + watcherSleep
			woke := sleepUntil(due)
			record(w.late, woke-due)
			w.ticker.noteIfDue(woke)
		}
		close(w.done)
	}()
	<-ready
}

func (w *watcher) stop() {
	w.stopped.Store(true)
	<-w.done
}
