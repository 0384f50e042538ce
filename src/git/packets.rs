//! The lines of Git's protocol: each begins with its length in four hexadecimal digits; four zeros end a section.

use super::GitError;
use super::core::End;

/// A line of the protocol.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Packet {
    /// The end of a section.
    Flush,
    Line(Vec<u8>),
}

/// Lines as they arrive from the other end.
pub(super) struct Packets {
    end: Box<dyn End>,
    buffer: Vec<u8>,
    read: usize,
}

impl Packets {
    pub(super) fn new(end: Box<dyn End>) -> Self {
        Self { end, buffer: Vec::new(), read: 0 }
    }

    /// The next line, which the other end must have.
    pub(super) fn next(&mut self) -> Result<Packet, GitError> {
        let head = self.take(4)?;
        let length = std::str::from_utf8(&head).ok().and_then(|head| usize::from_str_radix(head, 16).ok());
        match length {
            Some(0) => Ok(Packet::Flush),
            Some(length) if length >= 4 => Ok(Packet::Line(self.take(length - 4)?)),
            _ => Err(broken("the server did not answer in Git's protocol")),
        }
    }

    /// What is left, piece by piece; none is left when it is empty.
    pub(super) fn rest(&mut self) -> Result<Vec<u8>, GitError> {
        if self.read < self.buffer.len() {
            let rest = self.buffer.split_off(self.read);
            (self.buffer, self.read) = (Vec::new(), 0);
            return Ok(rest);
        }
        self.end.receive()
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), GitError> {
        self.end.send(bytes)
    }

    fn take(&mut self, count: usize) -> Result<Vec<u8>, GitError> {
        while self.buffer.len() - self.read < count {
            let more = self.end.receive()?;
            if more.is_empty() {
                return Err(broken("the answer of the server ends too early"));
            }
            self.buffer.drain(..self.read);
            self.read = 0;
            self.buffer.extend(more);
        }
        self.read += count;
        Ok(self.buffer[self.read - count..self.read].to_vec())
    }
}

/// A line as it is sent.
pub(super) fn line(text: &str) -> String {
    format!("{:04x}{text}", text.len() + 4)
}

fn broken(reason: &str) -> GitError {
    GitError::other("reading from the Git server", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pieces(Vec<Vec<u8>>);

    impl End for Pieces {
        fn receive(&mut self) -> Result<Vec<u8>, GitError> {
            Ok(if self.0.is_empty() { Vec::new() } else { self.0.remove(0) })
        }

        fn send(&mut self, _: &[u8]) -> Result<(), GitError> {
            Ok(())
        }
    }

    fn packets(text: &str, size: usize) -> Packets {
        Packets::new(Box::new(Pieces(text.as_bytes().chunks(size).map(<[u8]>::to_vec).collect())))
    }

    #[test]
    fn lines_are_read_however_they_are_cut_and_what_follows_stays() {
        for size in 1..20 {
            let mut packets = packets("0008NAK\n00000004PACKrest", size);
            assert_eq!(packets.next().unwrap(), Packet::Line(b"NAK\n".to_vec()));
            assert_eq!(packets.next().unwrap(), Packet::Flush);
            assert_eq!(packets.next().unwrap(), Packet::Line(Vec::new()));
            let mut rest = Vec::new();
            loop {
                let piece = packets.rest().unwrap();
                if piece.is_empty() {
                    break;
                }
                rest.extend(piece);
            }
            assert_eq!(rest, b"PACKrest");
        }
        assert_eq!(line("done\n"), "0009done\n");
    }

    #[test]
    fn an_invalid_line_is_an_error() {
        for text in ["", "00", "zzzz", "0003", "<htm", "0009NAK"] {
            assert!(packets(text, 2).next().is_err(), "{text}");
        }
    }
}
