package main

import (
	"fmt"
	"runtime/debug"
)

// stacks parks many threads of execution, each with a stack whose frames hold all that lives, and makes garbage meanwhile: a
// collection finds its roots on every one of them.
type stacks struct {
	random      generator
	platform    bool
	total       uint64 // sleepers of all mutators
	piecesPerOp uint64
	youngSlots  uint64
	wakeEvery   uint64

	sleepers   []*sleeper
	baton      baton
	ring       []*piece // the young: round robin
	ringNext   int
	operations uint64
	live       uint64
}

// sleeper is a thread of execution that sleeps at the bottom of its stack.
type sleeper struct {
	first uint64 // number of its first frame, among those of all sleepers of a mutator
	turn  chan struct{}
	baton *baton
}

// baton is what the one that is awake works with: the mutator passes it to a sleeper and waits until it comes back, so that no two of
// them ever run at once.
type baton struct {
	task       task
	sum        uint64        // of what was read
	carry      []*bag        // what the frames of the one that is awake hold, while they are gone; else nil
	back       chan struct{} // to the mutator
	pieceBytes uint64
	pieces     uint64 // of all frames; they are spread evenly
	frames     uint64
	nextID     uint64
	requested  uint64
	broken     error
}

// task is what a sleeper is woken for.
type task int

const (
	toBuild task = iota // go down, with a new bag for each frame
	toWalk              // go up and down again, and read a little of each bag both times
	toCheck             // the same, and read all of them back
)

// bag is what one frame holds; its array and each piece and its data are objects of their own.
type bag struct {
	id     uint64
	pieces []*piece
}

type piece struct {
	id   uint64
	data []byte
}

func newStacks(r *request, t int) workload {
	threads := uint64(max(1, r.threads))
	total := r.param("sleepers", threads, 1<<20)
	depth := r.param("depth", 1, 1000)
	pieceBytes := r.param("piece_bytes", 1, 1<<20)
	w := &stacks{
		random:      split(r.seed, t),
		platform:    r.word("kind", "light", "platform") == "platform",
		total:       total,
		piecesPerOp: r.param("pieces_per_op", 1, 1<<20),
		youngSlots:  r.param("young_slots", 1, 1<<24),
		wakeEvery:   r.param("wake_every", 1, 1<<20),
	}
	own := total*uint64(t+1)/threads - total*uint64(t)/threads
	share := r.share(8 + pieceBytes)
	each := 8 + 8 + pieceBytes              // a piece, and the reference to it
	least := func(sleepers uint64) uint64 { // a piece a frame, and the ring
		return sleepers*depth*(8+each) + w.youngSlots*(8+pieceBytes)
	}
	if share < least(own) {
		r.fail("p.live_bytes", fmt.Sprintf("is too little for a piece in each frame: at least %d",
			threads*least((total+threads-1)/threads)))
		return w
	}
	if most, by := mostThreads(""); w.platform && total > most {
		r.unable("p.sleepers", fmt.Sprintf("%d threads do not fit here: at most %d (%s)", total, most, by))
	}
	frames := own * depth
	w.sleepers = make([]*sleeper, own)
	w.baton = baton{
		carry:      make([]*bag, depth),
		back:       make(chan struct{}),
		pieceBytes: pieceBytes,
		pieces:     uint64(slotsFor(share-w.youngSlots*(8+pieceBytes)-frames*8, each)),
		frames:     frames,
	}
	w.live = w.youngSlots*(8+pieceBytes) + frames*8 + w.baton.pieces*each
	return w
}

// setup fills the ring, then starts the sleepers one after the other.
func (w *stacks) setup() {
	if w.platform {
		debug.SetMaxThreads(int(w.total) + 10_000) // which is its default: a guard against a mistake, not this
	}
	w.ring = make([]*piece, w.youngSlots)
	for i := range w.ring {
		w.ring[i] = w.baton.newPiece()
	}
	for i := range w.sleepers {
		s := &sleeper{first: uint64(i * len(w.baton.carry)), turn: make(chan struct{}), baton: &w.baton}
		w.sleepers[i] = s
		startThread(w.platform, s.live)
		w.wake(s, toBuild, 0)
	}
}

// operation makes garbage, and wakes one sleeper each so many times.
func (w *stacks) operation() uint64 {
	result := uint64(0)
	for range w.piecesPerOp {
		fresh := w.baton.newPiece()
		at := w.ringNext
		if w.ringNext++; w.ringNext == len(w.ring) {
			w.ringNext = 0
		}
		var old *piece
		old, w.ring[at] = w.ring[at], fresh
		result = fold(result, old.peek())
	}
	if w.operations++; w.operations%w.wakeEvery == 0 {
		s := w.sleepers[w.random.below(uint64(len(w.sleepers)))]
		result = fold(result, w.wake(s, toWalk, w.random.next()))
	}
	return result
}

// wake passes the baton to a sleeper, waits until it comes back, and returns the sum.
func (w *stacks) wake(s *sleeper, task task, sum uint64) uint64 {
	w.baton.task, w.baton.sum = task, sum
	s.turn <- struct{}{}
	<-w.baton.back
	return w.baton.sum
}

// verify reads the ring back, and has every sleeper do so with what its frames hold.
func (w *stacks) verify() (uint64, error) {
	sum := uint64(0)
	for _, p := range w.ring {
		bytes, ok := readBack(p.data, p.id)
		if !ok {
			return sum, fmt.Errorf("stacks: piece %d does not read back", p.id)
		}
		sum = fold(sum, p.id+bytes)
	}
	for _, s := range w.sleepers {
		sum = fold(sum, w.wake(s, toCheck, 0))
	}
	return sum, w.baton.broken
}

func (w *stacks) liveBytes() uint64      { return w.live }
func (w *stacks) requestedBytes() uint64 { return w.baton.requested }
func (w *stacks) drop()                  {}

// newPiece allocates and touches.
func (b *baton) newPiece() *piece {
	id := b.nextID
	b.nextID++
	fresh := &piece{id: id, data: make([]byte, b.pieceBytes)}
	touch(fresh.data, id)
	b.requested += 8 + b.pieceBytes
	return fresh
}

// newBag makes what the frame of that number holds.
func (b *baton) newBag(id uint64) *bag {
	n := b.pieces / b.frames
	if id < b.pieces%b.frames {
		n++
	}
	fresh := &bag{id: id, pieces: make([]*piece, n)}
	for i := range fresh.pieces {
		fresh.pieces[i] = b.newPiece()
	}
	b.requested += 8 + 4*n
	return fresh
}

// read reads one piece of a bag, chosen by what was read before it, or checks all.
func (b *baton) read(own *bag, id uint64) {
	switch b.task {
	case toWalk:
		one := own.pieces[(b.sum>>33)*uint64(len(own.pieces))>>31]
		b.sum = fold(b.sum, own.id+one.peek())
	case toCheck:
		b.check(own, id)
	}
}

// check reads a bag back; the first that is broken is kept for verify to report.
func (b *baton) check(own *bag, id uint64) {
	ok := own.id == id
	for _, p := range own.pieces {
		bytes, whole := readBack(p.data, p.id)
		ok = ok && whole
		b.sum = fold(b.sum, p.id+bytes)
	}
	if !ok && b.broken == nil {
		b.broken = fmt.Errorf("stacks: what frame %d holds does not read back", id)
	}
}

// peek reads the number of a piece and its last byte.
func (p *piece) peek() uint64 { return p.id + uint64(p.data[len(p.data)-1]) }

// live goes down the stack, and down again after each time that it came back up.
func (s *sleeper) live() {
	<-s.turn
	for {
		s.frame(0)
	}
}

// frame holds a bag while the frames below it come and go. While the sleeper sleeps nothing but the frame leads to it.
//
//go:noinline
func (s *sleeper) frame(level int) {
	id := s.first + uint64(level)
	own := s.take(level, id)
	s.baton.read(own, id)
	if level+1 < len(s.baton.carry) {
		s.frame(level + 1)
	} else {
		s.sleep()
	}
	s.baton.read(own, id)
	s.baton.carry[level] = own
}

// take gives a frame a new bag, or the one that it laid down when it was left.
func (s *sleeper) take(level int, id uint64) *bag {
	if s.baton.task == toBuild {
		return s.baton.newBag(id)
	}
	own := s.baton.carry[level]
	s.baton.carry[level] = nil
	return own
}

// sleep passes the baton back and waits for it.
func (s *sleeper) sleep() {
	s.baton.back <- struct{}{}
	<-s.turn
}
