package main

import "fmt"

// phases is an experiment: a load that changes. The live set rises and falls, and so does the garbage of an operation, so that little and much of
// either meet. Meanwhile it looks at what the runtime holds, and at what collecting costs, as Go tells both.
type phases struct {
	random   generator
	most     uint64 // blocks of the largest live set
	unit     uint64 // operations of a phase of length 1
	garbage  uint64 // blocks that an operation makes where they are most
	reads    uint64
	table    []*block // what lives: the first so many
	held     uint64
	last     *block // published, so that it is made
	damaged  error  // of the first block that did not read back
	blocks   uint64 // made so far; the next one's id
	phase    int
	at       uint64 // operations of this phase that are done
	from     uint64 // blocks at its beginning
	done     uint64 // operations, those of the warm-up included
	begin    uint64 // operations before the window
	end      uint64
	observed footprint
}

// phase says how a stretch of the load differs from the others.
type phase struct {
	live    uint64 // eighths of live_bytes
	garbage uint64 // sixteenths of garbage_blocks
	length  uint64 // of phase_ops; cheaper operations are more of them, so that no phase is over in a moment
}

var course = [...]phase{{1, 16, 1}, {8, 1, 2}, {2, 4, 2}, {8, 16, 1}, {1, 1, 2}}

const (
	phaseData    = 512
	phaseLeaves  = 4
	phasePayload = 8 + phaseData + phaseLeaves*(16+8)
	phaseAsked   = 8 + phaseData + phaseLeaves*(16+4)
	// lookEvery is how many operations lie between two looks at memory: a millisecond or so, for the price of one operation in hundreds.
	lookEvery = 64
)

func newPhases(r *request, t int) workload {
	w := &phases{
		random:  split(r.seed, t),
		most:    max(8, uint64(slotsFor(r.share(phasePayload), phasePayload))),
		unit:    r.param("phase_ops", 1, 1<<24),
		garbage: r.param("garbage_blocks", 16, 1<<20),
		reads:   r.param("reads_per_op", 0, 1<<20),
		begin:   r.warmupOps,
		end:     r.warmupOps + r.ops,
	}
	w.from = w.living(course[0])
	w.observed = newFootprint()
	return w
}

// living is how many blocks live in the phase.
func (w *phases) living(p phase) uint64 { return w.most * p.live / 8 }

// setup makes what lives in the first phase; the warm-up is more of that.
func (w *phases) setup() {
	w.table = make([]*block, w.most)
	w.settle(w.from)
}

func (w *phases) operation() uint64 {
	if w.done == w.begin {
		w.observed.start()
	}
	current := course[w.phase]
	sum := w.settle(w.aim(current))
	for range w.reads {
		sum = fold(sum, w.read(w.table[w.random.below(w.held)]))
	}
	for i := range w.garbage * current.garbage / 16 {
		w.last = w.newBlock()
		if i == 0 { // takes the place of one that lives, which dies in its stead
			at := w.random.below(w.held)
			w.table[at], w.last = w.last, w.table[at]
		}
		sum = fold(sum, w.read(w.last))
	}
	if w.done++; w.done > w.begin {
		w.advance(current)
	}
	return sum
}

// aim is how many blocks live after the operation: a ramp in the first quarter of the phase, then level.
func (w *phases) aim(current phase) uint64 {
	to, ramp := w.living(current), current.length*w.unit/4
	if w.at+1 >= ramp {
		return to
	}
	return uint64(int64(w.from) + (int64(to)-int64(w.from))*int64(w.at+1)/int64(ramp))
}

// settle lets the live set grow or shrink to goal, and reads what dies of it.
func (w *phases) settle(goal uint64) uint64 {
	sum := uint64(0)
	for ; w.held < goal; w.held++ {
		w.table[w.held] = w.newBlock()
	}
	for w.held > goal {
		w.held--
		sum = fold(sum, w.read(w.table[w.held]))
		w.table[w.held] = nil
	}
	return sum
}

// advance counts an operation of the window, and looks at the runtime.
func (w *phases) advance(current phase) {
	w.at++
	over := w.at == current.length*w.unit
	switch {
	case over || w.done == w.end:
		w.observed.turn()
	case w.at%lookEvery == 0:
		w.observed.look()
	}
	if over {
		w.from, w.at, w.phase = w.living(current), 0, (w.phase+1)%len(course)
	}
}

func (w *phases) newBlock() *block {
	fresh := &block{id: w.blocks, leaves: make([]*leaf, phaseLeaves), data: make([]byte, phaseData)}
	w.blocks++
	for i := range fresh.leaves {
		fresh.leaves[i] = &leaf{a: fresh.id, b: uint64(i)}
	}
	touch(fresh.data, fresh.id)
	return fresh
}

// read folds all that was written into a block, and remembers if it is not there.
func (w *phases) read(b *block) uint64 {
	sum, ok := readBack(b.data, b.id)
	for i, l := range b.leaves {
		sum = sum*31 + l.a
		ok = ok && l.a == b.id && l.b == uint64(i)
	}
	if !ok && w.damaged == nil {
		w.damaged = fmt.Errorf("phases: block %d does not read back", b.id)
	}
	return sum
}

func (w *phases) verify() (uint64, error) {
	sum := uint64(0)
	for _, b := range w.table[:w.held] {
		sum = fold(sum, b.id+w.read(b))
	}
	return sum, w.damaged
}

func (w *phases) liveBytes() uint64      { return w.held * phasePayload }
func (w *phases) requestedBytes() uint64 { return w.blocks * phaseAsked }
func (w *phases) drop()                  {}
func (w *phases) values() []value        { return w.observed.values() }
