package main

import (
	"syscall"
	"time"
	"unsafe"
)

// Go's monotonic readings come from CLOCK_MONOTONIC but count from the start of the process. One calibration gives the
// offset; after that a reading is one vDSO call, where a clock_gettime by system call would cost ten times as much.
var (
	clockBase   = time.Now()
	clockOffset = calibrate()
)

// calibrate returns the CLOCK_MONOTONIC time of clockBase: the tightest of a few bracketed readings.
func calibrate() int64 {
	best, width := int64(0), int64(1<<62)
	for range 100 {
		before := time.Since(clockBase)
		kernel := kernelClock(clockMonotonic)
		after := time.Since(clockBase)
		if w := int64(after - before); w < width {
			best, width = kernel-int64(before+after)/2, w
		}
	}
	return best
}

// now returns CLOCK_MONOTONIC in ns.
func now() int64 { return clockOffset + int64(time.Since(clockBase)) }

// sleepUntil returns at t or as soon after it as the kernel wakes the thread, and says when that is. By nanosleep, not
// time.Sleep: an idle Go process waits for its timers in epoll_wait, whose grain is 1 ms. A signal (Go preempts with
// them) ends a nanosleep early.
func sleepUntil(t int64) int64 {
	for {
		at := now()
		if at >= t {
			return at
		}
		pause := syscall.NsecToTimespec(t - at)
		_ = syscall.Nanosleep(&pause, nil)
	}
}

const (
	clockMonotonic   = 1
	clockProcessTime = 2 // CLOCK_PROCESS_CPUTIME_ID: user and system
)

func kernelClock(id uintptr) int64 {
	var t syscall.Timespec
	_, _, _ = syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, id, uintptr(unsafe.Pointer(&t)), 0)
	return t.Nano()
}
