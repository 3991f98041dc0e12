package main

import "fmt"

// trees builds binary trees bottom up, walks them and keeps a few in a forest.
type trees struct {
	random generator
	depth  uint64
	retain uint64

	kept   int
	forest []*tree
	last   *tree // the tree of the last operation that retained nothing
	nextID uint64
	broken error

	requested uint64
}

type tree struct {
	left, right *tree
	value       uint64
}

func newTrees(r *request, t int) workload {
	w := &trees{
		random: split(r.seed, t),
		depth:  r.param("depth", 1, 24),
		retain: r.param("retain_permille", 0, 1000),
	}
	payload := w.nodes() * 24
	w.kept = max(1, slotsFor(r.share(payload), payload)-1) // one tree of the share is the one in last
	return w
}

func (w *trees) nodes() uint64 { return 1<<(w.depth+1) - 1 }

func (w *trees) setup() {
	w.forest = make([]*tree, w.kept)
	for i := range w.forest {
		w.forest[i] = w.newTree()
	}
	w.last = w.newTree()
}

func (w *trees) operation() uint64 {
	fresh := w.newTree()
	count, sum := fresh.walk()
	if count != w.nodes() && w.broken == nil {
		w.broken = fmt.Errorf("trees: a new tree has %d nodes", count)
	}
	// A retained tree goes to the forest only: without a collector it has one owner.
	if w.random.below(1000) < w.retain {
		at := w.random.below(uint64(len(w.forest)))
		sum += w.forest[at].value
		w.forest[at] = fresh
	} else {
		w.last = fresh
	}
	return sum
}

func (w *trees) newTree() *tree {
	w.requested += w.nodes() * (8 + 2*4)
	return w.build(w.depth)
}

// build makes the children before their parent; values count up in the order of allocation.
func (w *trees) build(depth uint64) *tree {
	var left, right *tree
	if depth > 0 {
		left, right = w.build(depth-1), w.build(depth-1)
	}
	w.nextID++
	return &tree{left, right, w.nextID}
}

// walk counts the nodes and folds their values.
func (t *tree) walk() (count, sum uint64) {
	if t.left == nil {
		return 1, t.value
	}
	leftCount, left := t.left.walk()
	rightCount, right := t.right.walk()
	return leftCount + rightCount + 1, t.value + 31*left + 37*right
}

func (w *trees) verify() (uint64, error) {
	total := uint64(0)
	for i, root := range w.forest {
		count, sum := root.walk()
		if count != w.nodes() {
			return total, fmt.Errorf("trees: tree %d has %d nodes", i, count)
		}
		total = fold(total, sum)
	}
	_, sum := w.last.walk()
	return fold(total, sum), w.broken
}

func (w *trees) liveBytes() uint64      { return uint64(w.kept+1) * w.nodes() * 24 }
func (w *trees) requestedBytes() uint64 { return w.requested }
func (w *trees) drop()                  {}
