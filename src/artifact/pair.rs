//! Pairs as a person types them: "zgc,parallel".

use std::str::FromStr;

use super::definition::name::unknown;
use super::plan::Pair;

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Pair, String> {
        let names: Vec<&str> = text.split(',').map(str::trim).collect();
        match names[..] {
            [a, b] if a == b && !a.is_empty() => Err(format!("`{text}` compares {a} with itself")),
            [a, b] if !a.is_empty() && !b.is_empty() => Ok(Pair {
                a: a.to_owned(),
                b: b.to_owned(),
            }),
            _ => Err(format!(
                "`{text}` is not a pair: write two collectors, such as zgc,parallel"
            )),
        }
    }
}

impl Pair {
    /// Err: the side that is not among `known`, with the nearest of them and all.
    pub fn among<'a>(&self, known: impl Iterator<Item = &'a str> + Clone) -> Result<(), String> {
        for name in [&self.a, &self.b] {
            if !known.clone().any(|k| k == name) {
                return Err(unknown("collector", name, known));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_two_different_names() {
        let pair: Pair = "zgc, g1@17".parse().unwrap();
        assert_eq!((pair.a.as_str(), pair.b.as_str()), ("zgc", "g1@17"));
        for wrong in ["zgc", "zgc,", ",", "a,b,c", "go,go", ""] {
            assert!(wrong.parse::<Pair>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_unknown_side_gets_the_nearest_and_the_known() {
        let pair: Pair = "zgx,go".parse().unwrap();
        let told = pair.among(["go", "zgc"].into_iter()).unwrap_err();
        assert!(
            told.contains("`zgx`") && told.contains("did you mean `zgc`") && told.contains("go, zgc"),
            "{told}"
        );
    }
}
