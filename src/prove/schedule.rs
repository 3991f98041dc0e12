//! The open loop's arrivals, as docs/PROTOCOL.md has every runner compute them: so the driver knows which requests fell due when.

/// "arrivals" in ASCII.
const ARRIVALS_SALT: u64 = 0x6172_7269_7661_6c73;
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Thread `t`'s intended starts of `n` operations, ns after the window's begin; `rate` in operations per second over all threads.
pub fn arrivals(seed: u64, t: u64, threads: u64, rate: u64, n: u64) -> Vec<u64> {
    let mut state = split(seed ^ ARRIVALS_SALT, t);
    let gap = 1e9 * threads as f64 / rate as f64;
    let mut at = 0.0;
    (0..n)
        .map(|_| {
            let uniform = ((next(&mut state) >> 11) + 1) as f64 / (1u64 << 53) as f64;
            at -= uniform.ln() * gap;
            at as u64
        })
        .collect()
}

/// splitmix64 (Steele, Lea & Flood 2014).
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn split(seed: u64, t: u64) -> u64 {
    mix(seed.wrapping_add((t + 1).wrapping_mul(GOLDEN)))
}

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(GOLDEN);
    mix(*state)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same golden values as the runners' own tests.
    #[test]
    fn the_schedule_is_the_runners() {
        assert_eq!(arrivals(42, 0, 2, 20_000, 3), [225_157, 377_811, 444_059]);
    }
}
