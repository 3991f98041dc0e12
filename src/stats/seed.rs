//! One generator per question, so that adding a question never changes another's answer.

/// A seed for the question named by `names`, from the plan's `seed`: FNV-1a over the names with a separator, then splitmix64's
/// finaliser (Steele, Lea & Flood 2014), so that neighbouring seeds and names give unrelated streams.
pub fn derive_seed(seed: u64, names: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for name in names {
        for byte in name.bytes().chain([0x1f]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    let mut z = seed.wrapping_add(hash).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
