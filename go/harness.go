package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math"
	"math/bits"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// mutator is one thread with its workload. It lives as long as the process and does the phases in turn.
type mutator struct {
	index    int
	work     workload
	phases   chan func()
	sum      uint64 // checksum so far
	service  *hdrhistogram.Histogram
	response *hdrhistogram.Histogram // open loop only
	slow     *slowest                // open loop only
	arrivals []int64                 // open loop only
	ratio    *hdrhistogram.Histogram // of neighbouring stretches, alternate=1 only
	progress *progress               // closed loop with record > 0 and alternate=0 only
	broken   error                   // the invariant that verify found broken
	parcel   any                     // what another thread is to free
}

// epoch is what fragment reports after each operation.
type epoch struct {
	at, live        uint64
	used, committed uint64
	held, waste     uint64
}

// harness runs one request: the phases, the holds between them and the report.
type harness struct {
	request  *request
	mutators []*mutator
	epochs   []epoch
	litter   []byte // the light load's last allocation, published
	in       *bufio.Reader
	out      *bufio.Writer
}

const (
	// With record=2 so many operations in a row are recorded, of each sixteen.
	inARow, ofEach = 4, 16
	// stretch is how many operations operateAlternately does between two looks at the clock: a fraction of a millisecond,
	// so that neighbours find the same machine.
	stretch = 4 * ofEach
)

func newHarness(r *request, works []workload, in *bufio.Reader, out *bufio.Writer) *harness {
	h := &harness{request: r, in: in, out: out}
	for t, work := range works {
		h.mutators = append(h.mutators, &mutator{index: t, work: work, phases: make(chan func())})
	}
	return h
}

// execute does the request from the first line of the answer to the last. Its error is a broken invariant or a driver
// that does not keep to the protocol.
func (h *harness) execute() error {
	h.print("protocol", "1")
	h.print("runtime", "go")
	h.print("version", runtime.Version())
	h.mark("start", now())
	h.setupAll()
	h.mark("setup", now())
	h.warmUp()
	h.mark("warmup", now())
	ticker := newTicker()
	watcher := newWatcher(ticker)
	before, after := newCounters(), newCounters()
	if err := h.hold("setup"); err != nil {
		return err
	}

	requested := h.total(workload.requestedBytes)
	before.read()
	ticker.note()
	watcher.start()
	begin, end := h.window()
	watcher.stop()
	after.read()
	ticker.note()
	h.mark("begin", begin)
	h.mark("end", end)
	if err := h.hold("end"); err != nil {
		return err
	}

	requested = h.total(workload.requestedBytes) - requested
	live := h.total(workload.liveBytes)
	checksum, err := h.verifyAll()
	if err != nil {
		return err
	}
	tries, err := probe(h.request.probe)
	if err != nil {
		return err
	}
	if h.request.returnMs > 0 {
		if err := h.giveBack(); err != nil {
			return err
		}
	}
	h.forceCollection()
	h.forceCollection() // what the first one found dying (finalisers, sync.Pool) the second one frees
	h.mark("rest", now())
	rest := newCounters()
	rest.read()
	if err := h.hold("rest"); err != nil {
		return err
	}

	h.print("ops", h.request.ops*uint64(h.request.threads))
	h.print("requested_bytes", requested)
	h.print("live_bytes", live)
	h.print("checksum", fmt.Sprintf("%016x", checksum))
	before.print(h, "before")
	after.print(h, "after")
	used, committed := rest.heap()
	h.print("rest.heap_used", used)
	h.print("rest.heap_committed", committed)
	h.print("ticks", encodeTicks(ticker.ticks))
	for i, e := range h.epochs {
		h.print("epoch", fmt.Sprintf("%d,%d,%d,%d,%d,%d,%d", i, e.at, e.live, e.used, e.committed, e.held, e.waste))
	}
	if len(tries) > 0 {
		h.print("probe", encodeProbe(tries))
	}
	h.printValues()
	if err := h.printHistograms(watcher); err != nil {
		return err
	}
	h.printSlowest()
	h.printProgress()
	h.print("done", "1")
	return nil
}

// setupAll starts the threads, allocates what they record into and builds the live set, on all of them at once.
func (h *harness) setupAll() {
	for _, m := range h.mutators {
		go func() {
			if h.request.open {
				runtime.LockOSThread() // it sleeps in the kernel, so it needs a thread of its own
			}
			for phase := range m.phases {
				phase()
			}
		}()
	}
	if h.request.workload == "fragment" {
		h.epochs = make([]epoch, 0, min(h.request.ops, 1<<16))
	}
	h.all(func(m *mutator) {
		m.service = newHistogram()
		if h.request.alternate {
			m.ratio = newHistogram()
		}
		if r := h.request; h.inBlocks() {
			m.progress = newProgress(r.ops, r.skip)
		}
		if r := h.request; r.open {
			m.response = newHistogram()
			m.arrivals = arrivals(r.seed, m.index, r.threads, r.rate, r.ops)
		}
		m.work.setup()
	})
	if h.request.open {
		last := int64(0) // intended start of all threads
		for _, m := range h.mutators {
			last = max(last, m.arrivals[len(m.arrivals)-1])
		}
		h.all(func(m *mutator) { m.slow = newSlowest(last) })
	}
}

// warmUp does the operations before the window.
func (h *harness) warmUp() {
	if h.request.workload != "fragment" {
		h.all(func(m *mutator) { m.operate(h.request.warmupOps) })
		return
	}
	for range h.request.warmupOps {
		h.exchange()
		h.all(func(m *mutator) { m.operate(1) })
	}
}

// inBlocks: is the window one whose blocks are timed?
func (h *harness) inBlocks() bool {
	r := h.request
	return !r.open && r.record && !r.alternate && r.drag == 0 && r.workload != "fragment"
}

// window runs the measured operations in the loop that the request asks for.
func (h *harness) window() (begin, end int64) {
	switch {
	case h.epochs != nil:
		return h.epochLoop()
	case h.request.open:
		return h.openLoop()
	}
	return h.closedLoop()
}

// closedLoop runs operation after operation.
func (h *harness) closedLoop() (begin, end int64) {
	begin = now()
	h.all(func(m *mutator) {
		switch {
		case h.request.alternate:
			m.operateAlternately(h.request.ops, h.request.skip)
		case h.request.drag > 0:
			m.operateDragged(h.request.ops, int64(h.request.drag))
		case h.request.record:
			m.operateInBlocks(h.request.ops, h.request.skip)
		default:
			m.operate(h.request.ops)
		}
	})
	return begin, now()
}

// openLoop starts each operation at its intended time, or as soon after it as the thread is free. None is skipped.
func (h *harness) openLoop() (begin, end int64) {
	const lead = 1_000_000 // so that every thread is there before the first arrival
	begin = now() + lead
	h.all(func(m *mutator) {
		m.slow.begin = begin
		free := int64(0) // when the last operation ended
		for _, offset := range m.arrivals {
			intended := begin + offset
			start := free
			if free < intended {
				start = sleepUntil(intended)
			}
			m.sum = fold(m.sum, m.work.operation())
			if h.request.record {
				free = recordOpen(m.response, m.service, m.slow, intended, start)
			} else {
				free = now()
			}
		}
		m.arrivals = nil // no part of the resting memory
	})
	return begin, now()
}

// epochLoop lets all threads meet after each operation, forces a collection (unless force=0) and looks at the heap after
// a short rest.
func (h *harness) epochLoop() (begin, end int64) {
	const rest = 20_000_000
	heap := newCounters()
	begin = now()
	for range h.request.ops {
		h.exchange()
		h.all(func(m *mutator) {
			if h.request.record {
				m.operateRecorded(1, 0)
			} else {
				m.operate(1)
			}
		})
		if h.request.force {
			h.forceCollection()
		}
		sleepUntil(now() + rest)
		heap.read()
		used, committed := heap.heap()
		held, waste := heap.slack()
		h.epochs = append(h.epochs, epoch{uint64(now()), h.total(workload.liveBytes), used, committed, held, waste})
	}
	return begin, now()
}

// exchange has each thread hand what it parts with to the next one, which frees it in the coming operation. All threads
// have met in between, so that what arrives does not depend on scheduling.
func (h *harness) exchange() {
	h.all(func(m *mutator) {
		if work, ok := m.work.(handing); ok {
			m.parcel = work.handOver()
		}
	})
	for t, m := range h.mutators {
		if m.parcel != nil {
			next := h.mutators[(t+1)%len(h.mutators)]
			next.work.(handing).receive(m.parcel)
			m.parcel = nil
		}
	}
}

// operate is the loop without a clock: warm-up, and the window of a request with record=0.
func (m *mutator) operate(ops uint64) {
	for range ops {
		m.sum = fold(m.sum, m.work.operation())
	}
}

// operateRecorded is the loop with a clock: the end of one operation is the start of the next. After each few in a row
// it leaves out skip; what is left out is neither timed nor chosen by how long anything took.
func (m *mutator) operateRecorded(ops, skip uint64) {
	last := now()
	for ops > 0 {
		row := min(inARow, ops)
		for range row {
			m.sum = fold(m.sum, m.work.operation())
			last = recordClosed(m.service, last)
		}
		ops -= row
		if left := min(skip, ops); left > 0 {
			m.operate(left)
			ops -= left
			last = now()
		}
	}
}

// operateInBlocks is the loop with a clock that also times each block: two more readings a block, and nothing an operation.
func (m *mutator) operateInBlocks(ops, skip uint64) {
	last := now()
	for block := range m.progress.durations {
		some := min(m.progress.block, ops)
		m.operateRecorded(some, skip)
		ops -= some
		done := now()
		m.progress.durations[block] = done - last
		last = done
	}
}

// operateAlternately records the inner or the outer two of each four stretches of operations and keeps their ratio to
// the other two, in parts per million: neighbours differ by what recording costs, and by little else. Which two follows
// the Thue-Morse sequence, since no period of a collector keeps step with that.
func (m *mutator) operateAlternately(ops, skip uint64) {
	for four := range ops / (4 * stretch) {
		outer := bits.OnesCount64(four)%2 == 1
		start := now()
		m.operateStretch(outer, skip)
		before := now()
		m.operateStretch(!outer, skip)
		m.operateStretch(!outer, skip)
		after := now()
		m.operateStretch(outer, skip)
		inside, around := after-before, now()-after+before-start
		recorded := inside
		if outer {
			recorded = around
		}
		record(m.ratio, recorded*1_000_000/(inside+around-recorded))
	}
	m.operate(ops % (4 * stretch))
}

func (m *mutator) operateStretch(recorded bool, skip uint64) {
	if recorded {
		m.operateRecorded(stretch, skip)
	} else {
		m.operate(stretch)
	}
}

// operateDragged is operateRecorded for a runner that is to be slower by a known share: after each operation it spins for so
// many thousandths of what the operation took, and the spinning is part of what is recorded.
func (m *mutator) operateDragged(ops uint64, permille int64) {
	last := now()
	for range ops {
		m.sum = fold(m.sum, m.work.operation())
		done := now()
		for until := done + (done-last)*permille/1000; now() < until; {
		}
		last = recordClosed(m.service, last)
	}
}

func (h *harness) forceCollection() { runtime.GC() }

// verifyAll folds the walks over the live sets into the checksums and adds these up.
func (h *harness) verifyAll() (uint64, error) {
	h.all(func(m *mutator) {
		var walk uint64
		walk, m.broken = m.work.verify()
		m.sum = fold(m.sum, walk)
	})
	checksum := uint64(0)
	for t, m := range h.mutators {
		if m.broken != nil {
			return 0, fmt.Errorf("thread %d: %w", t, m.broken)
		}
		checksum += mix(m.sum + uint64(t))
	}
	return checksum, nil
}

// giveBack drops the load, asks for the memory back if the request does, and waits under a light load, since an idle
// runtime may never look at its heap again.
func (h *harness) giveBack() error {
	const step, portion = 10_000_000, 64 << 10
	h.all(func(m *mutator) { m.work.drop() })
	dropped := now()
	h.mark("drop", dropped)
	if h.request.asks() {
		debug.FreeOSMemory()
	}
	for at := dropped; at < dropped+int64(h.request.returnMs)*1e6; at = now() {
		h.litter = make([]byte, portion)
		touch(h.litter, uint64(at))
		time.Sleep(step)
	}
	h.mark("return", now())
	return h.hold("return")
}

// all has every thread do the phase and waits for the last.
func (h *harness) all(phase func(*mutator)) {
	var busy sync.WaitGroup
	busy.Add(len(h.mutators))
	for _, m := range h.mutators {
		m.phases <- func() {
			phase(m)
			busy.Done()
		}
	}
	busy.Wait()
}

func (h *harness) total(of func(workload) uint64) uint64 {
	sum := uint64(0)
	for _, m := range h.mutators {
		sum += of(m.work)
	}
	return sum
}

// hold says where the runner stands and waits for the line "go", or for the end of stdin.
func (h *harness) hold(at string) error {
	h.print("hold", at)
	h.out.Flush()
	line, err := h.in.ReadString('\n')
	if line = strings.TrimSpace(line); line == "go" || line == "" && err == io.EOF {
		return nil
	}
	return fmt.Errorf("hold=%s: expected the line go, got %q", at, line)
}

// mark prints a point in time and lets the driver see it at once.
func (h *harness) mark(name string, at int64) {
	h.print("mark."+name, at)
	h.out.Flush()
}

func (h *harness) print(key string, value any) { fmt.Fprintf(h.out, "%s=%v\n", key, value) }

// printValues prints what an experiment measured.
func (h *harness) printValues() {
	for _, m := range h.mutators {
		if work, ok := m.work.(telling); ok {
			for _, v := range work.values() {
				shown := ""
				if !math.IsNaN(v.is) {
					shown = fmt.Sprint(v.is)
				}
				h.print("value."+v.name, shown)
			}
		}
	}
}

// printHistograms prints ratio (alternate=1), response (open loop), service and watcher.
func (h *harness) printHistograms(w *watcher) error {
	merged := func(of func(*mutator) *hdrhistogram.Histogram) *hdrhistogram.Histogram {
		var parts []*hdrhistogram.Histogram
		for _, m := range h.mutators {
			parts = append(parts, of(m))
		}
		return merge(parts)
	}
	histograms := map[string]*hdrhistogram.Histogram{"watcher": w.late}
	if h.request.alternate {
		histograms["ratio"] = merged(func(m *mutator) *hdrhistogram.Histogram { return m.ratio })
	}
	if h.request.record && h.request.open {
		histograms["response"] = merged(func(m *mutator) *hdrhistogram.Histogram { return m.response })
	}
	if h.request.record {
		histograms["service"] = merged(func(m *mutator) *hdrhistogram.Histogram { return m.service })
	}
	for _, name := range slices.Sorted(maps.Keys(histograms)) {
		text, err := encode(histograms[name])
		if err != nil {
			return fmt.Errorf("hist.%s: %w", name, err)
		}
		h.print("hist."+name, text)
	}
	return nil
}

// printSlowest prints the slowest requests of the open loop.
func (h *harness) printSlowest() {
	if !h.request.record || !h.request.open {
		return
	}
	var parts []*slowest
	for _, m := range h.mutators {
		parts = append(parts, m.slow)
	}
	h.print("slowest", encodeSlowest(mergeSlowest(parts)))
}

// printProgress prints how long the blocks of the closed loop took.
func (h *harness) printProgress() {
	if !h.inBlocks() {
		return
	}
	var parts []*progress
	for _, m := range h.mutators {
		parts = append(parts, m.progress)
	}
	h.print("progress", encodeProgress(parts))
}
