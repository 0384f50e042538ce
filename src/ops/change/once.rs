//! Lines that are shown once: a change is made again if the branch has moved.

use crate::ops::Sink;
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Passes each line on the first time it comes.
pub(super) struct OnceSink<'a> {
    sink: &'a dyn Sink,
    shown: Mutex<HashSet<String>>,
}

impl<'a> OnceSink<'a> {
    pub(super) fn new(sink: &'a dyn Sink) -> Self {
        Self { sink, shown: Mutex::default() }
    }

    fn is_new(&self, line: &str) -> bool {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).insert(line.to_owned())
    }

    pub(super) fn action(&self, line: String) {
        if self.is_new(&line) {
            self.sink.action(line);
        }
    }

    pub(super) fn warning(&self, line: String) {
        if self.is_new(&line) {
            self.sink.warning(line);
        }
    }
}
