// Command runner does one gcrucible workload once, as docs/PROTOCOL.md says, and knows nothing of collectors.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
)

const (
	exitDone = iota
	exitBroken
	exitRequest
	exitInvariant
	_ // out of memory, where a runtime can tell
	exitUnable
)

func main() {
	// Since profile.go can read the memory profile, the linker leaves it on: one allocation in 512 KiB would be traced in every workload.
	runtime.MemProfileRate = 0
	if err := tune(os.Getenv); err != nil {
		fmt.Fprintln(os.Stderr, "runner:", err)
		os.Exit(exitRequest)
	}
	os.Exit(run(os.Stdin, os.Stdout, os.Stderr))
}

// run answers one request. A wrong request leaves stdout empty, which tells it from a fatal error of Go's runtime (that
// exits with 2 as well).
func run(stdin io.Reader, stdout, stderr io.Writer) int {
	in := bufio.NewReader(stdin)
	r, err := parseRequest(in)
	if err != nil {
		fmt.Fprintln(stderr, "runner:", err)
		return exitRequest
	}
	works, err := construct(r)
	if err != nil {
		fmt.Fprintln(stderr, "runner:", err)
		if r.cannot {
			return exitUnable
		}
		return exitRequest
	}
	h := newHarness(r, works, in, bufio.NewWriter(stdout))
	if err := h.execute(); err != nil {
		h.print("error", err.Error())
		h.out.Flush()
		return exitInvariant
	}
	if err := h.out.Flush(); err != nil {
		fmt.Fprintln(stderr, "runner: stdout:", err)
		return exitBroken
	}
	return exitDone
}
