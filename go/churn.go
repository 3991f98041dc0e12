package main

import "fmt"

// churn makes young garbage, a fraction of which survives into a long-lived table. The survivors of one operation are
// spread among the dead, as in a server that keeps a little of each request.
type churn struct {
	random      generator
	sizes       sizes
	share       uint64
	pointers    uint64
	blocksPerOp uint64
	youngSlots  uint64
	survival    uint64
	oldest      bool

	ring      []*block // the young: round robin
	ringNext  int
	table     []*block // the long-lived
	tableNext int

	nextID    uint64
	live      uint64
	requested uint64
}

type leaf struct{ a, b uint64 }

// block, its array of leaves, each leaf and the data are objects of their own.
type block struct {
	id     uint64
	leaves []*leaf
	data   []byte
}

func newChurn(r *request, t int) workload {
	min := r.param("size_min", 1, 1<<30)
	max := r.param("size_max", min, 1<<30)
	pointers := r.param("pointers", 0, 1<<16)
	return &churn{
		random:      split(r.seed, t),
		sizes:       newSizes(min, max),
		share:       r.share(8 + min + pointers*(16+8)),
		pointers:    pointers,
		blocksPerOp: r.param("blocks_per_op", 1, 1<<20),
		youngSlots:  r.param("young_slots", 1, 1<<24),
		survival:    r.param("survival_permille", 0, 1000),
		oldest:      r.word("lifetime", "oldest", "random") == "oldest",
	}
}

// setup fills the ring, then the table until both together reach the share (the table gets one block at least).
func (c *churn) setup() {
	c.ring = make([]*block, c.youngSlots)
	for i := range c.ring {
		c.ring[i] = c.newBlock()
		c.live += c.payload(c.ring[i])
	}
	var table []*block
	for len(table) == 0 || c.live < c.share {
		fresh := c.newBlock()
		c.live += c.payload(fresh)
		table = append(table, fresh)
	}
	c.table = make([]*block, len(table)) // exactly as long as needed: append's spare capacity would count as overhead
	copy(c.table, table)
}

func (c *churn) operation() uint64 {
	result := uint64(0)
	for range c.blocksPerOp {
		fresh := c.newBlock()
		var old *block
		// A survivor goes to the table only: without a collector a block has one owner.
		if c.random.below(1000) < c.survival {
			at := c.victim()
			old, c.table[at] = c.table[at], fresh
		} else {
			at := c.ringNext
			if c.ringNext++; c.ringNext == len(c.ring) {
				c.ringNext = 0
			}
			old, c.ring[at] = c.ring[at], fresh
		}
		c.live += c.payload(fresh) - c.payload(old)
		result = fold(result, peek(old))
	}
	return result
}

// newBlock draws a size, allocates and touches.
func (c *churn) newBlock() *block {
	id := c.nextID
	c.nextID++
	size := c.sizes.draw(&c.random)
	fresh := &block{id: id, leaves: make([]*leaf, c.pointers), data: make([]byte, size)}
	for i := range fresh.leaves {
		fresh.leaves[i] = &leaf{a: id, b: uint64(i)}
	}
	touch(fresh.data, id)
	c.requested += 8 + size + c.pointers*(16+4)
	return fresh
}

func (c *churn) payload(b *block) uint64 {
	return 8 + uint64(len(b.data)) + c.pointers*(16+8)
}

// victim chooses the table's slot that a survivor takes.
func (c *churn) victim() int {
	if !c.oldest {
		return int(c.random.below(uint64(len(c.table))))
	}
	at := c.tableNext
	if c.tableNext++; c.tableNext == len(c.table) {
		c.tableNext = 0
	}
	return at
}

// peek reads one leaf and one byte of a block that is about to die.
func peek(b *block) uint64 {
	result := uint64(b.data[len(b.data)-1])
	if n := uint64(len(b.leaves)); n > 0 {
		one := b.leaves[b.id%n]
		result += one.a + one.b
	}
	return result
}

func (c *churn) verify() (uint64, error) {
	sum := uint64(0)
	for _, held := range [][]*block{c.ring, c.table} {
		for _, b := range held {
			bytes, ok := readBack(b.data, b.id)
			for i, l := range b.leaves {
				ok = ok && l.a == b.id && l.b == uint64(i)
			}
			if !ok {
				return sum, fmt.Errorf("churn: block %d does not read back", b.id)
			}
			sum = fold(sum, b.id+bytes)
		}
	}
	return sum, nil
}

func (c *churn) liveBytes() uint64      { return c.live }
func (c *churn) requestedBytes() uint64 { return c.requested }
func (c *churn) drop()                  {}
