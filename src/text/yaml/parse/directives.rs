//! `%YAML` and `%TAG` before a document.

use super::super::scan::Problem;
use super::super::scan::Token;
use super::super::scan::TokenKind;
use super::Parser;

/// What every document knows; `%TAG` adds to it.
const HANDLES: [(&str, &str); 2] = [("!", "!"), ("!!", "tag:yaml.org,2002:")];

impl Parser<'_> {
    pub(super) fn directives(&mut self) -> Result<(), Problem> {
        let mut has_version = false;
        loop {
            let Token { kind, start, .. } = self.scanner.peek()?.clone();
            match kind {
                TokenKind::Version { major, minor } => {
                    if has_version {
                        return Err(self.unexpected("found duplicate %YAML directive", None, start));
                    }
                    if (major, minor) != (1, 1) {
                        return Err(self.unexpected("found incompatible YAML document", None, start));
                    }
                    has_version = true;
                }
                TokenKind::TagDirective { handle, prefix } => {
                    if self.handles.iter().any(|(known, _)| *known == handle) {
                        return Err(self.unexpected("found duplicate %TAG directive", None, start));
                    }
                    self.handles.push((handle, prefix));
                }
                _ => break,
            }
            self.take()?;
        }
        for (handle, prefix) in HANDLES {
            if self.handles.iter().all(|(known, _)| known != handle) {
                self.handles.push((handle.to_owned(), prefix.to_owned()));
            }
        }
        Ok(())
    }
}
