//! The generator and the checksum, equal in every language.

/// The increment of splitmix64, of use as a multiplier too.
pub const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// splitmix64. Two threads never share one.
#[derive(Clone)]
pub struct Generator {
    state: u64,
}

/// splitmix64's output function: a bijection that scatters every input bit.
#[inline]
pub const fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Gives thread `t` of a seed its own generator.
pub fn split(seed: u64, t: usize) -> Generator {
    Generator {
        state: mix(seed.wrapping_add((t as u64 + 1).wrapping_mul(GOLDEN))),
    }
}

impl Generator {
    /// Returns 64 random bits.
    #[inline]
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Returns a number in [0, n), n < 2^31. No division and no rejection: the same in every language.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        ((self.next() >> 33) * n) >> 31
    }
}

/// Mixes one more value into a checksum; the order of the values counts.
#[inline]
pub fn fold(sum: u64, value: u64) -> u64 {
    (sum.rotate_left(5) ^ value).wrapping_mul(0x100_0000_01B3)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The ports in other languages test the same values.
    #[test]
    fn generator_golden_values() {
        assert_eq!(Generator { state: 0 }.next(), 0xE220_A839_7B1D_CDAF); // Vigna's splitmix64.c, state 0
        let mut g = split(42, 0);
        let values = [g.next(), g.next(), g.next()];
        assert_eq!(
            values,
            [
                0x57e1_faba_6510_7204,
                0xf4ab_d143_feb2_4055,
                0x7c81_6738_c129_03b2
            ]
        );
        assert_eq!(split(42, 1).below(1000), 986);
        assert_eq!(fold(fold(0, 1), 2), 0x6c_c200_005c_6886);
    }

    #[test]
    fn below_stays_below_and_reaches_both_ends() {
        for n in [1, 2, 7, 1000, (1 << 31) - 1] {
            let mut g = split(1, 0);
            let (mut lowest, mut highest) = (n, 0);
            for _ in 0..20_000 {
                let v = g.below(n);
                (lowest, highest) = (lowest.min(v), highest.max(v));
            }
            assert!(
                highest < n && lowest <= n / 1000 && highest >= n - 1 - n / 1000,
                "below({n}) lies in [{lowest}, {highest}]"
            );
        }
    }
}
