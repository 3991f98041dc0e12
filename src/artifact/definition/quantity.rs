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

/// "0.7 of memory" -> 0.7, for `of` = "memory"; above 0 and no more than `most`.
pub fn share(text: &str, of: &str, most: f64) -> Result<f64, String> {
    let wrong = || format!("`{text}` is no share: write \"{most} of {of}\" or less");
    let (number, thing) = text.trim().split_once(" of ").ok_or_else(wrong)?;
    let share: f64 = number.trim().parse().map_err(|_| wrong())?;
    if thing.trim() == of && share > 0.0 && share <= most {
        Ok(share)
    } else {
        Err(wrong())
    }
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
    fn a_share_is_of_the_thing_that_is_meant_and_no_more_than_there_may_be() {
        assert_eq!(share("0.7 of memory", "memory", 0.7), Ok(0.7));
        for bad in [
            "0.71 of memory",
            "0.5 of cores",
            "0 of memory",
            "half of memory",
            "NaN of memory",
            "0.5",
        ] {
            assert!(
                share(bad, "memory", 0.7).is_err_and(|e| e.contains("0.7 of memory")),
                "{bad}"
            );
        }
    }

    #[test]
    fn decimal_units_and_overflow_are_refused_with_the_way_out() {
        assert!(bytes("64MB").is_err_and(|e| e.contains("MiB")));
        assert!(bytes("99999999999TiB").is_err_and(|e| e.contains("2^64")));
        assert!(bytes("many").is_err());
    }
}
