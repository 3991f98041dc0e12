//! Quantities as people write them: `64MiB`, `1GiB`, `4096`.

/// Bytes from "64MiB", "1 GiB", "4096". Decimal units are refused: a heap of 64 MB is not 64 MiB, and runtimes differ on which they mean.
pub fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number
        .parse()
        .map_err(|_| format!("`{text}` is not a size: write a whole number and B, KiB, MiB, GiB or TiB"))?;
    let shift = match unit.trim() {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        "TiB" => 40,
        other => {
            return Err(format!(
                "`{text}`: unknown unit `{other}`; known: B, KiB, MiB, GiB, TiB"
            ));
        }
    };
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| format!("`{text}` is beyond 2^64 bytes"))
}

/// The shortest exact spelling: `64MiB`.
pub fn show_bytes(bytes: u64) -> String {
    for (shift, unit) in [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")] {
        if bytes >= 1 << shift && bytes.is_multiple_of(1 << shift) {
            return format!("{}{unit}", bytes >> shift);
        }
    }
    format!("{bytes}B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_binary_and_exact() {
        assert_eq!(bytes("64MiB"), Ok(64 << 20));
        assert_eq!(bytes("4096"), Ok(4096));
        assert_eq!(show_bytes(64 << 20), "64MiB");
        assert_eq!(show_bytes(1536 << 20), "1536MiB");
    }

    #[test]
    fn decimal_units_and_overflow_are_refused_with_the_way_out() {
        assert!(bytes("64MB").is_err_and(|e| e.contains("MiB")));
        assert!(bytes("99999999999TiB").is_err_and(|e| e.contains("2^64")));
        assert!(bytes("many").is_err());
    }
}
