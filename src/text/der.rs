//! DER, as far as certificates need it.

/// Elements of DER, one after another.
pub struct Der<'a>(pub &'a [u8]);

impl<'a> Der<'a> {
    /// The content of the next element, if it has this tag.
    pub fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, content) = self.next()?;
        (found == tag).then_some(content)
    }

    /// The tag of the next element, which stays.
    pub fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The tag and the content of the next element.
    pub fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (head, rest) = self.0.split_first_chunk::<2>()?;
        let (length, rest) = match usize::from(head[1]) {
            short @ ..=0x7f => (short, rest),
            // A certificate has a length, of four bytes at most.
            long @ 0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(long - 0x80)?;
                (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((head[0], content))
    }
}
