package main

// fragmentBlock is an object with its id and, apart from it, its payload.
type fragmentBlock interface {
	*cell | *knot
	number() uint64
	payload() uint64
	requested() uint64
	readBack() (sum uint64, ok bool)
}

// cell holds bytes.
type cell struct {
	id   uint64
	data []byte
}

func newCell(id, size uint64) *cell {
	b := &cell{id: id, data: make([]byte, size)}
	touch(b.data, id)
	return b
}

func (b *cell) number() uint64                  { return b.id }
func (b *cell) payload() uint64                 { return 8 + uint64(len(b.data)) }
func (b *cell) requested() uint64               { return b.payload() }
func (b *cell) readBack() (sum uint64, ok bool) { return readBack(b.data, b.id) }

// reference is the payload of one in bytes; 4 are requested.
const reference = 8

// knot holds references and nothing else, each of them to an anchor that its id and the place decide.
type knot struct {
	id   uint64
	refs []*anchor
}

// anchor is what knots refer to: one that refers to another block would keep it alive.
type anchor struct{ value uint64 }

const anchorCount = 1024

var anchors []*anchor // of all threads

// makeAnchors makes them once, before the threads start; nobody writes to them again.
func makeAnchors() {
	for k := len(anchors); k < anchorCount; k++ {
		anchors = append(anchors, &anchor{value: mix(uint64(k))})
	}
}

func newKnot(id, size uint64) *knot {
	b := &knot{id: id, refs: make([]*anchor, size/reference)}
	for j := range b.refs {
		b.refs[j] = b.anchor(j)
	}
	return b
}

func (b *knot) anchor(j int) *anchor { return anchors[(b.id+uint64(j))%anchorCount] }
func (b *knot) number() uint64       { return b.id }
func (b *knot) payload() uint64      { return 8 + reference*uint64(len(b.refs)) }
func (b *knot) requested() uint64    { return 8 + reference/2*uint64(len(b.refs)) }

// readBack follows every reference; ok is false if one of them is not what was written.
func (b *knot) readBack() (sum uint64, ok bool) {
	ok = true
	for j, ref := range b.refs {
		sum = sum*31 + ref.value
		ok = ok && ref == b.anchor(j)
	}
	return sum, ok
}
