package main

import "math/bits"

const golden = 0x9E3779B97F4A7C15

// generator is splitmix64. Two threads never share one.
type generator struct{ state uint64 }

// mix is splitmix64's output function: a bijection that scatters every input bit.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// split gives thread t of a seed its own generator.
func split(seed uint64, t int) generator {
	return generator{mix(seed + uint64(t+1)*golden)}
}

// next returns 64 random bits.
func (g *generator) next() uint64 {
	g.state += golden
	return mix(g.state)
}

// below returns a number in [0, n), n < 2^31. No division and no rejection: the same in every language.
func (g *generator) below(n uint64) uint64 {
	return (g.next() >> 33) * n >> 31
}

// fold mixes one more value into a checksum; the order of the values counts.
func fold(sum, value uint64) uint64 {
	return (bits.RotateLeft64(sum, 5) ^ value) * 0x100000001B3
}
