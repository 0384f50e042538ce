//! From one value to another by the smallest edits.

use super::fault::NotEditable;
use super::manifest::Manifest;
use super::step::Step;
use super::step::at;
use serde_json::Value;

impl Manifest {
    /// Makes what is at the end of a way equal to this value: only fields that differ are touched.
    ///
    /// # Errors
    /// [`NotEditable`].
    pub fn merge(self, document: usize, path: &[Step], wanted: &Value) -> Result<Self, NotEditable> {
        let Some(present) = self.documents().nth(document).and_then(|root| at(root, path)).cloned() else {
            return self.set(document, path, wanted);
        };
        if present == *wanted {
            return Ok(self);
        }
        let below = |step: Step| [path, &[step]].concat();
        match (&present, wanted) {
            (Value::Object(fields), Value::Object(others)) if !fields.is_empty() && !others.is_empty() => {
                let mut edited = self;
                for (key, other) in others {
                    edited = edited.merge(document, &below(Step::Key(key.clone())), other)?;
                }
                for key in fields.keys().filter(|key| !others.contains_key(*key)) {
                    edited = edited.remove(document, &below(Step::Key(key.clone())))?;
                }
                Ok(edited)
            }
            (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
                others.iter().enumerate().try_fold(self, |edited, (number, other)| {
                    edited.merge(document, &below(Step::Item(number)), other)
                })
            }
            (Value::Array(items), Value::Array(others)) if others.starts_with(items) && !items.is_empty() => {
                others[items.len()..]
                    .iter()
                    .try_fold(self, |edited, item| edited.append(document, path, item))
            }
            _ => self.set(document, path, wanted),
        }
    }
}
