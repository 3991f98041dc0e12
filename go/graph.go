package main

import (
	"fmt"
	"slices"
)

const (
	slots        = 4
	graphPayload = 16 + 2*slots*8 + 32
)

// graph is a long-lived pointer graph that is walked, rewired and renewed node by node.
type graph struct {
	random                             generator
	walkSteps, mutations, replacements uint64
	nodes                              int
	table                              []*node
	nextID                             uint64
	requested                          uint64
}

// node: the k-th outgoing edge ends in the k-th incoming edge of its target. For each slot every node has exactly one of
// either, so that a node can be replaced by mending its eight neighbours.
type node struct {
	id, value uint64
	out, in   [slots]*node
	data      [4]uint64
}

func newGraph(r *request, t int) workload {
	return &graph{
		random:       split(r.seed, t),
		walkSteps:    r.param("walk_steps", 0, 1<<20),
		mutations:    r.param("mutations", 0, 1<<20),
		replacements: r.param("replacements", 0, 1<<20),
		nodes:        slotsFor(r.share(graphPayload), graphPayload),
	}
}

// setup makes the nodes and joins them along a random permutation per slot: first all edges out of one node after another,
// then all into it, so that no barrier sees a random place in memory at every store.
func (g *graph) setup() {
	g.table = make([]*node, g.nodes)
	for i := range g.table {
		g.table[i] = g.newNode()
	}
	ends := g.permutations()
	for i, from := range g.table {
		for k := range slots {
			from.out[k] = g.table[ends[k][i]]
		}
	}
	invert(&ends)
	for i, to := range g.table {
		for k := range slots {
			to.in[k] = g.table[ends[k][i]]
		}
	}
}

func (g *graph) operation() uint64 {
	sum := g.walk()
	for range g.mutations {
		g.mutate()
	}
	for range g.replacements {
		sum += g.replace()
	}
	return sum
}

// newNode allocates a node without edges.
func (g *graph) newNode() *node {
	id := g.nextID
	g.nextID++
	g.requested += 16 + 2*slots*4 + 32
	return &node{id: id, value: id * golden, data: [4]uint64{id, id + 1, id + 2, id + 3}}
}

// permutations returns a random order of the nodes per slot.
func (g *graph) permutations() [slots][]int32 {
	var all [slots][]int32
	order := make([]int32, g.nodes)
	for i := range order {
		order[i] = int32(i)
	}
	for k := range slots {
		for i := len(order) - 1; i > 0; i-- {
			j := g.random.below(uint64(i + 1))
			order[i], order[j] = order[j], order[i]
		}
		all[k] = slices.Clone(order)
	}
	return all
}

func invert(all *[slots][]int32) {
	spare := make([]int32, len(all[0]))
	for k, order := range all {
		for i, to := range order {
			spare[to] = int32(i)
		}
		all[k], spare = spare, order
	}
}

func join(from *node, k int, to *node) {
	from.out[k], to.in[k] = to, from
}

func (g *graph) pick() uint64 { return g.random.below(uint64(len(g.table))) }

// walk follows walkSteps edges from a random node.
func (g *graph) walk() uint64 {
	sum := uint64(0)
	at := g.table[g.pick()]
	for range g.walkSteps {
		at = at.out[g.random.below(slots)]
		sum = fold(sum, at.value)
	}
	return sum
}

// mutate swaps the targets of slot k of two random nodes (perhaps the same one): four pointer stores.
func (g *graph) mutate() {
	a, b := g.table[g.pick()], g.table[g.pick()]
	k := g.random.below(slots)
	x, y := a.out[k], b.out[k]
	join(a, int(k), y)
	join(b, int(k), x)
}

// replace puts a new node with the same edges in place of a random one and returns the value of the old.
func (g *graph) replace() uint64 {
	at := g.pick()
	old, fresh := g.table[at], g.newNode()
	for k := range slots {
		to, from := old.out[k], old.in[k]
		if to == old { // then from is old too
			to, from = fresh, fresh
		}
		join(fresh, k, to)
		join(from, k, fresh)
	}
	g.table[at] = fresh
	return old.value
}

func (g *graph) verify() (uint64, error) {
	sum := uint64(0)
	for _, n := range g.table {
		ok := n.value == n.id*golden
		for k := range slots {
			ok = ok && n.out[k].in[k] == n && n.in[k].out[k] == n && n.data[k] == n.id+uint64(k)
			sum = fold(sum, n.out[k].id)
		}
		if !ok {
			return sum, fmt.Errorf("graph: node %d or one of its edges is broken", n.id)
		}
	}
	return sum, nil
}

func (g *graph) liveBytes() uint64      { return uint64(g.nodes) * graphPayload }
func (g *graph) requestedBytes() uint64 { return g.requested }
func (g *graph) drop()                  {}
