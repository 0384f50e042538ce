//! Reading what has been compressed, as far as anybody would want it.

use std::io;
use std::io::Read;

/// What is compressed may grow by this factor when it is unpacked …
const LARGEST_FACTOR: u64 = 200;
/// … or to this size.
const ALWAYS_FINE: u64 = 64 * 1024 * 1024;

/// Reads up to its limit, and then fails with [`TooLarge`].
pub struct Limited<R> {
    inner: R,
    left: u64,
    most: u64,
}

/// An archive that unpacks to more than its limit.
#[derive(Debug, thiserror::Error)]
#[error(
    "the archive unpacks to more than {} MiB, which is the limit: {LARGEST_FACTOR} times its size, or {} MiB",
    most / 1024 / 1024,
    ALWAYS_FINE / 1024 / 1024
)]
pub struct TooLarge {
    most: u64,
}

impl<R> Limited<R> {
    /// What is unpacked from so many bytes.
    pub fn unpacked(inner: R, size: u64) -> Self {
        let most = size.saturating_mul(LARGEST_FACTOR).max(ALWAYS_FINE);
        Self { inner, left: most, most }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => {
                self.left = left;
                Ok(read)
            }
            None => Err(io::Error::other(TooLarge { most: self.most })),
        }
    }
}

/// What the tar library says of an archive that breaks off.
const CUT: [&str; 2] = ["unexpected EOF", "failed to read entire block"];

/// Why an archive cannot be unpacked, in the words of Go's libraries where there are some. What is in the archive is not repeated.
pub fn unpacking_failure(error: &io::Error) -> String {
    let said = error.to_string();
    let is_of_limit = error.get_ref().is_some_and(|inner| inner.is::<TooLarge>());
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "unexpected EOF".to_owned(),
        io::ErrorKind::Other if CUT.iter().any(|words| said.contains(words)) => "unexpected EOF".to_owned(),
        // The tar library quotes the header.
        io::ErrorKind::Other if !is_of_limit => "archive/tar: invalid tar header".to_owned(),
        _ => said,
    }
}
