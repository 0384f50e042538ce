//! Finds a sequence in another one in linear time (Knuth, Morris, Pratt).

/// A sequence to look for; it is not empty.
pub(super) struct Finder<'a> {
    wanted: &'a [u32],
    /// For each length of a match, the length of the longest shorter one that ends at the same place.
    shorter: Vec<usize>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(wanted: &'a [u32]) -> Self {
        let mut shorter = vec![0; wanted.len() + 1];
        let mut length = 0;
        for at in 1..wanted.len() {
            while length > 0 && wanted[at] != wanted[length] {
                length = shorter[length];
            }
            length += usize::from(wanted[at] == wanted[length]);
            shorter[at + 1] = length;
        }
        Self { wanted, shorter }
    }

    /// Where it is first.
    pub(super) fn first(&self, within: &[u32]) -> Option<usize> {
        self.all(within).next()
    }

    /// All places where it begins, also overlapping ones.
    pub(super) fn all(&self, within: &[u32]) -> impl Iterator<Item = usize> {
        let mut length = 0;
        within.iter().enumerate().filter_map(move |(at, number)| {
            while length > 0 && (length == self.wanted.len() || *number != self.wanted[length]) {
                length = self.shorter[length];
            }
            length += usize::from(self.wanted.get(length) == Some(number));
            (length == self.wanted.len()).then(|| at + 1 - length)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Finder;

    #[test]
    fn all_places_are_found_also_overlapping_ones() {
        for (wanted, within, places) in [
            (&[1, 2][..], &[1, 2, 1, 1, 2][..], &[0, 3][..]),
            (&[1, 1], &[1, 1, 1, 1], &[0, 1, 2]),
            (&[1, 2, 1, 2, 3], &[1, 2, 1, 2, 1, 2, 3], &[2]),
            (&[7], &[1, 2], &[]),
            (&[1, 2, 3], &[1, 2], &[]),
        ] {
            assert_eq!(Finder::new(wanted).all(within).collect::<Vec<_>>(), places);
        }
    }
}
