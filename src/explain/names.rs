//! Counters by name, of which a log cannot make more than so many.

#[derive(Clone, Debug)]
pub struct ByName<T> {
    entries: Vec<(String, T)>,
    /// The one asked for last: lines of a kind come in rows.
    recent: usize,
}

impl<T> Default for ByName<T> {
    fn default() -> Self {
        ByName {
            entries: Vec::new(),
            recent: 0,
        }
    }
}

impl<T: Default> ByName<T> {
    /// No runtime has more operations, kinds or causes; what comes after goes by the name of [`ByName::OTHERS`].
    pub const MOST: usize = 64;
    pub const OTHERS: &'static str = "others";
    /// Bytes of a name that are kept.
    const LONGEST: usize = 120;

    pub fn of(&mut self, name: &str) -> &mut T {
        let mut end = name.len().min(Self::LONGEST);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        let name = &name[..end];
        if self
            .entries
            .get(self.recent)
            .is_none_or(|(known, _)| known != name)
        {
            self.recent = self.place(name);
        }
        &mut self.entries[self.recent].1
    }

    fn place(&mut self, name: &str) -> usize {
        if let Some(at) = self.entries.iter().position(|(known, _)| known == name) {
            return at;
        }
        let name = match self.entries.len() {
            n if n < Self::MOST => name,
            n if n == Self::MOST => Self::OTHERS,
            n => return n - 1,
        };
        self.entries.push((name.to_owned(), T::default()));
        self.entries.len() - 1
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.entries.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl ByName<u64> {
    /// Most first.
    pub fn counts(&self) -> Vec<(String, u64)> {
        let mut all = self.entries.clone();
        all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_invents_names_makes_no_more_than_so_many() {
        let mut names = ByName::<u64>::default();
        for n in 0..10_000 {
            *names.of(&format!("{}{n}", "é".repeat(n % 100))) += 1;
        }
        let counts = names.counts();
        assert_eq!(counts.len(), ByName::<u64>::MOST + 1);
        assert_eq!(counts[0].0, "others");
        assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 10_000);
    }
}
